using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>Creates the job that takes an import or a bulk job back.</summary>
internal sealed class JobsUndo(
    DriftwoodDb db, BulkJobRules rules, JobLanes lanes, TimeProvider clock, IOptions<DriftwoodOptions> options)
{
    internal sealed record Request : JobRequest
    {
        /// <summary>True: the job only reports what an undo would do now, and changes nothing. Default false.</summary>
        public bool DryRun { get; init; }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, JobsUndo undo, BulkJobReader jobs, CancellationToken cancellationToken) =>
        await jobs.ReadWithoutIdsAsync(caller, await undo.CreateAsync(request, caller, cancellationToken), cancellationToken);

    private async Task<Guid> CreateAsync(Request request, Caller caller, CancellationToken cancellationToken)
    {
        var source = request.Id;
        await rules.RequireRoomAsync(caller, cancellationToken);
        var job = await db.Jobs.AsNoTracking()
            .Where(each => each.AccountId == caller.AccountId && each.Id == source && each.Kind != JobKind.Maintenance)
            .SingleOrDefaultAsync(cancellationToken) ?? throw ApiException.NotFound("job", source);
        RequireUndoable(job);
        await RequireNotUndoneAsync(job, cancellationToken);
        var used = await db.Lanes.CountAsync(lane => lane.AccountId == caller.AccountId && lane.JobId == source, cancellationToken);
        var now = clock.GetUtcNow();
        var bulk = new BulkJob
        {
            AccountId = caller.AccountId,
            Id = Guid.CreateVersion7(now),
            Operation = "undo",
            UndoesJobId = source,
            ToFreeze = true,
            Params = "{}",
        };
        var undo = NewJob(caller, job.RecordType, now, bulk, request.DryRun);
        db.Jobs.Add(undo);
        lanes.WakeAfterCommit(lanes.Add(caller.AccountId, undo.Id, Math.Max(1, used), undo.UpdatedAt, isPlanned: true));
        await db.SaveChangesAsync(cancellationToken);
        return undo.Id;
    }

    private void RequireUndoable(Job job)
    {
        if (job.Status is not (JobStatus.Completed or JobStatus.Failed or JobStatus.Cancelled))
        {
            throw ApiException.InvalidState($"The job is {WireJson.Word(job.Status)}; only a job that has ended can be undone.");
        }

        if (job.DryRunState is not null) throw NotUndoable("The job is a dry run and has changed nothing.");
        if (!job.KeepChanges) throw NotUndoable("The job was created with keep_changes: false, so what records held before is not known.");
        var changes = options.Value.Changes;
        if (job.StartedAt < changes.KeptSince(clock.GetUtcNow()))
        {
            throw NotUndoable($"The job began more than {changes.Days} days ago, and the change log is kept no longer.");
        }
    }

    // An undo that was itself undone does not count: the job's changes are back.
    private async Task RequireNotUndoneAsync(Job job, CancellationToken cancellationToken)
    {
        var undos = await db.BulkJobs
            .Where(bulk => bulk.AccountId == job.AccountId && bulk.UndoesJobId == job.Id)
            .Where(bulk => bulk.Job!.DryRunState == null)
            .Where(bulk => bulk.Job!.Status != JobStatus.Failed && bulk.Job.Status != JobStatus.Cancelled)
            .Where(bulk => !db.BulkJobs.Any(again => again.AccountId == job.AccountId && again.UndoesJobId == bulk.Id
                && again.Job!.DryRunState == null && again.Job.Status == JobStatus.Completed))
            .Select(bulk => new { bulk.Id, bulk.Job!.Status })
            .ToListAsync(cancellationToken);
        if (undos.Count == 0) return;
        throw NotUndoable($"The job {undos[0].Id}, which undoes this one, is {WireJson.Word(undos[0].Status)}.");
    }

    /// <summary>An undo, a restore or an erasure. It starts at once.</summary>
    /// <param name="caller">The caller, whose account owns the job.</param>
    /// <param name="recordType">The key of the record type.</param>
    /// <param name="now">The time of creation.</param>
    /// <param name="bulk">The job's own part. If it has no targets yet, its first step finds them.</param>
    /// <param name="isDryRun">It only reports what it would do.</param>
    public static Job NewJob(Caller caller, string recordType, DateTimeOffset now, BulkJob bulk, bool isDryRun = false) => new()
    {
        AccountId = caller.AccountId,
        Id = bulk.Id,
        Kind = JobKind.Bulk,
        RecordType = recordType,
        Status = JobStatus.Processing,
        // An erasure keeps nothing that its records held.
        KeepChanges = bulk.Operation != "erase" && !isDryRun,
        DryRunState = isDryRun ? DryRunState.Kept : null,
        CreatedBy = caller.UserId,
        CreatedAt = now,
        UpdatedAt = now,
        StartedAt = now,
        TraceParent = LaneTraces.Current,
        BulkJob = bulk,
    };

    private static ApiException NotUndoable(string message) => new(ErrorCodes.NotUndoable, message);
}
