using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Jobs;

/// <summary>
/// A caller's start, pause, cancel and resume. Each is one conditional step. Of two at the same moment, one is refused:
/// <list type="table">
/// <item><term>start</term><description>pending → processing</description></item>
/// <item><term>pause</term><description>processing → (between chunks) paused</description></item>
/// <item><term>cancel</term><description>pending, uploaded, paused → cancelled</description></item>
/// <item><term>cancel</term><description>processing → (between chunks) cancelled</description></item>
/// <item><term>resume</term><description>paused, failed → processing, from where each lane stopped</description></item>
/// </list>
/// A job that is already in the requested state stays as it is.
/// </summary>
internal sealed class JobControl(DriftwoodDb db, JobLanes lanes, TimeProvider clock)
{
    /// <summary>In one transaction.</summary>
    /// <returns>Whether this call started the job; false if it was processing already.</returns>
    /// <exception cref="ApiException">409 when the job is neither pending nor processing.</exception>
    public async Task<bool> StartAsync(IQueryable<Job> jobs, CancellationToken cancellationToken)
    {
        var (now, trace) = (clock.GetUtcNow(), LaneTraces.Current);
        var started = await jobs.Where(job => job.Status == JobStatus.Pending)
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Status, JobStatus.Processing)
                .SetProperty(job => job.StartedAt, now)
                .SetProperty(job => job.TraceParent, trace)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken);
        if (started > 0) await lanes.WakeReadyAsync(jobs, cancellationToken);
        else await RequireAsync(jobs, JobStatus.Processing, "; only a pending one can be started", cancellationToken);
        return started > 0;
    }

    /// <exception cref="ApiException">409 when the job is neither processing nor paused.</exception>
    public async Task PauseAsync(IQueryable<Job> jobs, CancellationToken cancellationToken)
    {
        if (await AskAsync(jobs.Where(job => job.Control != ControlRequest.Cancel), ControlRequest.Pause, cancellationToken)) return;
        await RequireAsync(jobs, JobStatus.Paused, " and cannot be paused any more", cancellationToken);
    }

    /// <exception cref="ApiException">409 when the job has ended in another way.</exception>
    public async Task CancelAsync(IQueryable<Job> jobs, CancellationToken cancellationToken)
    {
        if (await AskAsync(jobs, ControlRequest.Cancel, cancellationToken)) return;
        var now = clock.GetUtcNow();
        var ended = await jobs
            .Where(job => job.Status == JobStatus.Pending || job.Status == JobStatus.Uploaded || job.Status == JobStatus.Paused)
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Status, JobStatus.Cancelled)
                .SetProperty(job => job.CompletedAt, now)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken);
        // The job may have been confirmed or resumed between the two statements.
        if (ended > 0 || await AskAsync(jobs, ControlRequest.Cancel, cancellationToken)) return;
        await RequireAsync(jobs, JobStatus.Cancelled, " and cannot be cancelled any more", cancellationToken);
    }

    /// <summary>Makes all lanes ready that have not completed, in one transaction.</summary>
    /// <exception cref="ApiException">409 if the job is neither paused nor failed, or a dry run whose state is being removed.</exception>
    public async Task ResumeAsync(IQueryable<Job> jobs, CancellationToken cancellationToken)
    {
        var (now, trace) = (clock.GetUtcNow(), LaneTraces.Current);
        var resumed = await jobs
            .Where(job => (job.Status == JobStatus.Paused || job.Status == JobStatus.Failed)
                && (job.DryRunState == null || job.DryRunState == DryRunState.Kept)
                && job.Lanes.Any(lane => lane.Status != LaneStatus.Completed))
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Status, JobStatus.Processing)
                .SetProperty(job => job.Control, (ControlRequest?)null)
                .SetProperty(job => job.ErrorMessage, (string?)null)
                .SetProperty(job => job.TraceParent, trace)
                .SetProperty(job => job.CompletedAt, (DateTimeOffset?)null)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken);
        if (resumed == 0)
        {
            // A requested pause that has not taken effect is withdrawn.
            var withdrawn = await jobs.Where(job => job.Status == JobStatus.Processing && job.Control == ControlRequest.Pause)
                .ExecuteUpdateAsync(set => set.SetProperty(job => job.Control, (ControlRequest?)null), cancellationToken);
            if (withdrawn == 0) await RequireAsync(jobs, JobStatus.Processing, " and cannot be resumed any more", cancellationToken);
            return;
        }

        await db.Lanes.Where(lane => jobs.Any(job => job.AccountId == lane.AccountId && job.Id == lane.JobId))
            .Where(lane => lane.Status == LaneStatus.Stopped || lane.Status == LaneStatus.Failed)
            .ExecuteUpdateAsync(set => set
                .SetProperty(lane => lane.Status, LaneStatus.Ready)
                .SetProperty(lane => lane.Attempts, 0)
                .SetProperty(lane => lane.Retries, 0), cancellationToken);
        await lanes.WakeReadyAsync(jobs, cancellationToken);
    }

    // Written to a row that chunks do not lock. The lanes read it between two chunks.
    private async Task<bool> AskAsync(IQueryable<Job> jobs, ControlRequest control, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await jobs.Where(job => job.Status == JobStatus.Processing)
            .ExecuteUpdateAsync(set => set
                .SetProperty(job => job.Control, (ControlRequest?)control)
                .SetProperty(job => job.UpdatedAt, now), cancellationToken) > 0;
    }

    private static async Task RequireAsync(IQueryable<Job> jobs, JobStatus already, string refusal, CancellationToken cancellationToken)
    {
        var status = await jobs.Select(job => job.Status).SingleAsync(cancellationToken);
        if (status != already) throw ApiException.InvalidState($"The job is {WireJson.Word(status)}{refusal}.");
    }
}
