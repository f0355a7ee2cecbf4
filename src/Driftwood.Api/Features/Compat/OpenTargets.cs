using System.Text.Json;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Compat;

/// <summary>Counts what the queries of bulk jobs find as long as their targets are not fixed.</summary>
internal sealed class OpenTargets(BulkJobReader jobs, BulkSelections selections)
{
    private static readonly JobStatus[] Open = [JobStatus.Pending, JobStatus.Processing, JobStatus.Paused];

    /// <summary>The number of records that each such job would change now. Reads in the transaction of the scope.</summary>
    /// <returns>By job; jobs whose targets are fixed are left out, and jobs on a record type that is gone.</returns>
    public async Task<IReadOnlyDictionary<Guid, long>> CountAsync(
        Caller caller, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var queries = await jobs.Of(caller)
            .Where(job => ids.Contains(job.Id) && job.BulkJob!.ToFreeze && Open.Contains(job.Status))
            .Select(job => new { job.Id, job.RecordType, job.BulkJob!.Filter, job.BulkJob.Query })
            .ToListAsync(cancellationToken);
        Dictionary<Guid, long> counts = [];
        foreach (var job in queries)
        {
            var filter = job.Filter is { } json ? JsonElement.Parse(json) : (JsonElement?)null;
            var selection = new StoredSelection(job.RecordType, null, null, filter, job.Query);
            if (await selections.FindTypeAsync(selection, caller, cancellationToken) is not { } type) continue;
            var targets = await selections.ReadAsync(selection, type, caller, cancellationToken);
            counts[job.Id] = await selections.CountAsync(targets, caller, cancellationToken);
        }

        return counts;
    }
}
