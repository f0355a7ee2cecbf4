using Driftwood.Engine.Lanes;

namespace Driftwood.Hangfire;

/// <summary>
/// What a queued job runs: one lane, by its name alone. Delivered twice or too late it does nothing, as the claim and
/// the fence decide. It is not retried by the queue: the sweeper wakes what is left, a postponed lane among it.
/// </summary>
/// <param name="runner">Runs lanes, whoever wakes them.</param>
/// <param name="queue">Wakes what is ready once this lane has ended.</param>
public sealed class LaneJob(LaneRunner runner, ILaneQueue queue)
{
    /// <summary>Claims the lane and runs it until it is done, stopped, handed back or another worker's.</summary>
    public async Task RunAsync(Guid accountId, Guid jobId, int lane, CancellationToken stopping)
    {
        var named = new LaneRef(accountId, jobId, lane);
        var result = await runner.RunAsync(named, stopping);
        // Without the token: what this process hands back when it stops is for another one, at once.
        if (result.End == LaneEnd.Prepared) await queue.WakeAsync(result.Opened!, CancellationToken.None);
        if (result.End == LaneEnd.HandedBack) await queue.WakeAsync([named], CancellationToken.None);
    }
}
