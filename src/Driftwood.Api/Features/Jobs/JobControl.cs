using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Jobs;

/// <summary>
/// A caller's pause, cancel and resume. Each is one conditional step, so that of two at the same moment one is refused:
/// <list type="table">
/// <item><term>pause</term><description>processing → (between chunks) paused</description></item>
/// <item><term>cancel</term><description>pending, uploaded, paused → cancelled; processing → (between chunks) cancelled</description></item>
/// <item><term>resume</term><description>paused, failed → processing, from where each lane stands</description></item>
/// </list>
/// Asked for what already is, they change nothing.
/// </summary>
internal static class JobControl
{
    /// <exception cref="ApiException">409 when the job is neither processing nor paused.</exception>
    public static async Task PauseAsync(IQueryable<Job> jobs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await AskAsync(jobs.Where(job => job.Control != ControlRequest.Cancel), ControlRequest.Pause, now, cancellationToken)) return;
        await RequireAsync(jobs, "paused", JobStatus.Paused, cancellationToken);
    }

    /// <exception cref="ApiException">409 when the job has ended in another way.</exception>
    public static async Task CancelAsync(IQueryable<Job> jobs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await AskAsync(jobs, ControlRequest.Cancel, now, cancellationToken)) return;
        var ended = await jobs
            .Where(job => job.Status == JobStatus.Pending || job.Status == JobStatus.Uploaded || job.Status == JobStatus.Paused)
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Status, JobStatus.Cancelled)
                .SetProperty(job => job.CompletedAt, now)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken);
        // It may have been confirmed or resumed between the two.
        if (ended == 0 && !await AskAsync(jobs, ControlRequest.Cancel, now, cancellationToken))
        {
            await RequireAsync(jobs, "cancelled", JobStatus.Cancelled, cancellationToken);
        }
    }

    /// <summary>Makes the lanes ready that did not end; in one transaction of the caller's.</summary>
    /// <returns>The lanes to wake.</returns>
    /// <exception cref="ApiException">409 when the job is neither paused nor failed, or a dry run whose state is being removed.</exception>
    public static async Task<IReadOnlyList<LaneRef>> ResumeAsync(
        DriftwoodDb db, IQueryable<Job> jobs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var resumed = await jobs
            .Where(job => (job.Status == JobStatus.Paused || job.Status == JobStatus.Failed)
                && (job.DryRunState == null || job.DryRunState == DryRunState.Kept)
                && job.Lanes.Any(lane => lane.Status != LaneStatus.Completed))
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Status, JobStatus.Processing)
                .SetProperty(job => job.Control, (ControlRequest?)null)
                .SetProperty(job => job.ErrorMessage, (string?)null)
                .SetProperty(job => job.CompletedAt, (DateTimeOffset?)null)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken);
        if (resumed == 0)
        {
            // A pause that was asked for and not yet heeded is taken back.
            var withdrawn = await jobs.Where(job => job.Status == JobStatus.Processing && job.Control == ControlRequest.Pause)
                .ExecuteUpdateAsync(set => set.SetProperty(job => job.Control, (ControlRequest?)null), cancellationToken);
            if (withdrawn == 0) await RequireAsync(jobs, "resumed", JobStatus.Processing, cancellationToken);
            return [];
        }

        var lanes = db.Lanes.Where(lane => jobs.Any(job => job.AccountId == lane.AccountId && job.Id == lane.JobId));
        await lanes.Where(lane => lane.Status == LaneStatus.Stopped || lane.Status == LaneStatus.Failed)
            .ExecuteUpdateAsync(set => set
                .SetProperty(lane => lane.Status, LaneStatus.Ready)
                .SetProperty(lane => lane.Attempts, 0)
                .SetProperty(lane => lane.Retries, 0), cancellationToken);
        return await lanes.Where(lane => lane.Status == LaneStatus.Ready)
            .Select(lane => new LaneRef(lane.AccountId, lane.JobId, lane.Number))
            .ToListAsync(cancellationToken);
    }

    // Written to a row that chunks do not lock, and read by them in between.
    private static async Task<bool> AskAsync(IQueryable<Job> jobs, ControlRequest control, DateTimeOffset now, CancellationToken cancellationToken) =>
        await jobs.Where(job => job.Status == JobStatus.Processing)
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Control, (ControlRequest?)control)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken) > 0;

    private static async Task RequireAsync(IQueryable<Job> jobs, string verb, JobStatus already, CancellationToken cancellationToken)
    {
        var status = await jobs.Select(job => job.Status).SingleAsync(cancellationToken);
        if (status != already)
        {
            throw ApiException.InvalidState($"The job is {WireJson.Name(status.ToString())} and cannot be {verb} any more.");
        }
    }
}
