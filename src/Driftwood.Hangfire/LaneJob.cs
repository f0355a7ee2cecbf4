using Driftwood.Engine.Lanes;

namespace Driftwood.Hangfire;

/// <summary>
/// What a queued job runs: one lane, by its name alone. Delivered twice or too late it does nothing, as the claim and
/// the fence decide; it is not retried by the queue, as the sweeper wakes what is left.
/// </summary>
/// <param name="runner">Runs lanes, whoever wakes them.</param>
/// <param name="queue">Wakes the lanes that waited for this one's plan.</param>
public sealed class LaneJob(LaneRunner runner, ILaneQueue queue)
{
    /// <summary>Claims the lane and runs it until it is done, stopped or another worker's.</summary>
    public async Task RunAsync(Guid accountId, Guid jobId, int lane, CancellationToken stopping)
    {
        var result = await runner.RunAsync(new LaneRef(accountId, jobId, lane), stopping);
        if (result.End == LaneEnd.Planned) await queue.WakeAsync(result.Opened!, stopping);
    }
}
