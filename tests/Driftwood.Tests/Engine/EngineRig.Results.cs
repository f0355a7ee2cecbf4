using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>This part reads the outcomes of the targets of bulk jobs and of the rows of imports.</summary>
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

    /// <summary>
    /// The outcome of each row of an import as "row outcome code", read page by page. The counters, the pages of each outcome, and the
    /// records that rows name must agree with it.
    /// </summary>
    public async Task<List<string>> ImportResultsAsync(Tenant tenant, RecordType type, Guid job, int pageSize)
    {
        var all = await ReadAsync(null);
        var counts = (await StateAsync(tenant, job)).Counts;
        foreach (var (outcome, count) in new[]
        {
            (ImportOutcome.Created, counts.Created), (ImportOutcome.Updated, counts.Updated), (ImportOutcome.Skipped, counts.Skipped),
            (ImportOutcome.Failed, counts.Failed),
        })
        {
            var some = await ReadAsync(outcome);
            Assert.Equal(count, some.Count);
            Assert.Equal(
                all.Where(result => result.Outcome == outcome).Select(result => result.RowNumber), some.Select(result => result.RowNumber));
        }

        var named = all.Where(result => result.RecordId is not null).Select(result => result.RecordId!.Value).ToHashSet();
        Assert.Equal(all.Count(result => result.Outcome is ImportOutcome.Created), all
            .Where(result => result.Outcome == ImportOutcome.Created).Select(result => result.RecordId).Distinct().Count());
        Assert.All(
            all, result => Assert.Equal(result.Outcome is ImportOutcome.Created or ImportOutcome.Updated, result.RecordId is not null));
        var found = await ListAsync(
            $"select count(*)::text from {type.Table} r where {type.Owned("r", "@account")} and r.id = any (@ids)",
            ("account", tenant.Account), ("ids", named.ToArray()));
        Assert.Equal($"{named.Count}", found[0]);
        return all.ConvertAll(result => FormattableString.Invariant($"{result.RowNumber} {result.Outcome} {result.Code}"));

        async Task<List<ImportResult>> ReadAsync(ImportOutcome? outcome)
        {
            var results = new ImportResults(database);
            List<ImportResult> read = [];
            for (long? place = 0; place is not null;)
            {
                var page = await results.ReadAsync(type, tenant.Account, job, outcome, place.Value, pageSize, CancellationToken.None);
                Assert.InRange(page.Items.Count, 0, pageSize);
                read.AddRange(page.Items);
                place = page.Next;
            }

            return read;
        }
    }
}
