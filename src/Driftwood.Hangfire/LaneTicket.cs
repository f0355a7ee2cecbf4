using Driftwood.Engine.Lanes;
using Hangfire;

namespace Driftwood.Hangfire;

/// <summary>
/// The job that Hangfire queues: a ticket to run the lane that is due. The lane that it was queued for is only its name, because
/// the claim shares the workers among accounts; under load the lane that is due may be another account's. A ticket that is
/// delivered twice or too late finds no lane, or runs one that another ticket would have run. Hangfire does not retry tickets:
/// the sweeper wakes the lanes that are left, postponed ones among them.
/// </summary>
/// <param name="runner">Claims and runs lanes.</param>
/// <param name="queue">Takes tickets for the lanes that this one makes ready.</param>
internal sealed class LaneTicket(LaneRunner runner, HangfireQueue queue)
{
    /// <summary>
    /// Claims the lane that is due and runs it until it is completed, stopped, handed back or another worker's. After it has prepared a
    /// job, it goes on with the lane that is due then, as the ticket of one of the job's lanes.
    /// </summary>
    /// <returns>The lane that was run last and how its run ended, which the dashboard shows.</returns>
    [JobDisplayName("Ticket for lane {2} of job {1}, account {0}")]
    public async Task<string> RunAsync(Guid accountId, Guid jobId, int lane, CancellationToken stopping)
    {
        var result = await runner.RunAsync(null, stopping);
        while (result is { End: LaneEnd.Prepared, Opened: { Count: > 0 } opened } && !stopping.IsCancellationRequested)
        {
            await queue.WakeAsync([.. opened.Skip(1)], CancellationToken.None);
            result = await runner.RunAsync(null, stopping);
        }

        if (result.Lane is not { } run) return "No lane was due.";
        if (result.End == LaneEnd.Prepared) await queue.WakeAsync(result.Opened!, CancellationToken.None);
        if (result.End == LaneEnd.HandedBack) await queue.WakeAsync([run], CancellationToken.None);
        return $"Lane {run.Lane} of job {run.JobId}, account {run.AccountId}: {result.End}";
    }
}
