using System.Text.Json;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsStart
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordQueries records, DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        var job = await db.RequireBulkJobAsync(caller, request.Id, cancellationToken);
        await RequireCountAsync(job, types, records, db, caller, cancellationToken);
        var now = clock.GetUtcNow();
        var started = await job.Where(pending => pending.Status == JobStatus.Pending)
            .ExecuteUpdateAsync(set => set
                .SetProperty(pending => pending.Status, JobStatus.Processing)
                .SetProperty(pending => pending.StartedAt, now)
                .SetProperty(pending => pending.UpdatedAt, now), cancellationToken);
        if (started == 0) await RequireProcessingAsync(job, cancellationToken);
        else
        {
            var lanes = await db.Lanes
                .Where(lane => lane.AccountId == caller.AccountId && lane.JobId == request.Id && lane.Status == LaneStatus.Ready)
                .Select(lane => new LaneRef(lane.AccountId, lane.JobId, lane.Number))
                .ToListAsync(cancellationToken);
            afterCommit.Add(token => queue.WakeAsync(lanes, token));
        }

        return await db.ReadBulkJobAsync(caller, request.Id, clock, cancellationToken);
    }

    // Lists have the length they had.
    private static async Task RequireCountAsync(
        IQueryable<Job> job, RecordTypeCatalog types, RecordQueries records, DriftwoodDb db, Caller caller, CancellationToken cancellationToken)
    {
        var made = await job
            .Where(pending => pending.Status == JobStatus.Pending && pending.BulkJob!.ExpectedCount != null
                && (pending.BulkJob.Filter != null || pending.BulkJob.Query != null))
            .Select(pending => new { pending.RecordType, pending.BulkJob!.Filter, pending.BulkJob.Query, pending.BulkJob.ExpectedCount })
            .SingleOrDefaultAsync(cancellationToken);
        if (made is null) return;
        var type = await types.RequireStillAsync(db, caller, made.RecordType, cancellationToken);
        var stored = new StoredSelection(made.RecordType, null, null, made.Filter is { } filter ? JsonElement.Parse(filter) : null, made.Query);
        var selection = await BulkSelection.ReadAsync(stored, type, types, db, caller, cancellationToken);
        BulkJobRules.RequireCount(made.ExpectedCount, await selection.CountAsync(records, db.Connection(), caller, cancellationToken));
    }

    private static async Task RequireProcessingAsync(IQueryable<Job> job, CancellationToken cancellationToken)
    {
        var status = await job.Select(started => started.Status).SingleAsync(cancellationToken);
        if (status != JobStatus.Processing)
        {
            throw ApiException.InvalidState($"The job is {WireJson.Name(status.ToString())}; only a pending one can be started.");
        }
    }
}
