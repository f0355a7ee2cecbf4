using Driftwood.Engine.Bulk.Results;

namespace Driftwood.Tests.Engine;

/// <summary>This part reads the outcomes of the targets of bulk jobs.</summary>
internal sealed partial class EngineRig
{
    /// <summary>Reads all results of a job, page by page. They must come in the order of their indexes.</summary>
    /// <param name="tenant">The job's account.</param>
    /// <param name="job">A job whose lanes do not run.</param>
    /// <param name="outcome">The outcome of the targets to read; null for all.</param>
    /// <param name="limit">The length of a page.</param>
    public async Task<List<TargetResult>> ResultsAsync(Tenant tenant, Guid job, TargetOutcome? outcome = null, int limit = 7)
    {
        var results = new BulkResults(database);
        List<TargetResult> all = [];
        for (long? place = BulkResults.Start; place is not null;)
        {
            var page = await results.ReadAsync(tenant.Account, job, outcome, place.Value, limit, CancellationToken.None);
            Assert.InRange(page.Items.Count, 0, limit);
            all.AddRange(page.Items);
            place = page.Next;
        }

        Assert.Equal(all.Select(result => result.Index).Order().Distinct(), all.Select(result => result.Index));
        return all;
    }
}
