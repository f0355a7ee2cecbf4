using Driftwood.Engine.Lanes;

namespace Driftwood.Hangfire;

/// <summary>
/// What a queued job runs: one lane, by its name alone. Delivered twice or too late it does nothing, as the claim and
/// the fence decide; it is not retried by the queue, as the sweeper wakes what is left.
/// </summary>
/// <param name="runner">Runs lanes, whoever wakes them.</param>
public sealed class LaneJob(LaneRunner runner)
{
    /// <summary>Claims the lane and runs it until it is done, stopped or another worker's.</summary>
    public async Task RunAsync(Guid accountId, Guid jobId, int lane, CancellationToken stopping) =>
        await runner.RunAsync(new LaneRef(accountId, jobId, lane), stopping);
}
