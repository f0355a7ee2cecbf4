using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine;

/// <summary>Runs a job's lanes to their end. It stops workers at any moment and starts others on lanes that are still held.</summary>
internal sealed class LaneStorm(EngineRig rig, Tenant tenant, Guid job, int lanes, LaneOptions options)
{
    private const int MaxRounds = 500;
    private const int RoughRounds = 3;

    /// <summary>Runs the lanes. Without a random source, each lane has one worker, which runs undisturbed.</summary>
    public async Task RunAsync(Random? random)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var isRough = random is not null && round < RoughRounds;
            await Task.WhenAll(
                Enumerable.Range(0, lanes)
                .Select(lane => isRough ? RunRoughlyAsync(lane, random!.Next(), random.Next()) : RunLaneAsync(lane, null)));
            if ((await rig.StateAsync(tenant, job)).Status != "processing") return;
            await rig.ExpireLeasesAsync(tenant, job);
        }

        Assert.Fail($"Job {job} is not done after {MaxRounds} rounds.");
    }

    private async Task RunRoughlyAsync(int lane, int first, int second)
    {
        var holder = RunLaneAsync(lane, first % 12);
        if (second % 2 == 0)
        {
            await rig.ExpireLeasesAsync(tenant, job);
            await RunLaneAsync(lane, second % 25);
        }

        await holder;
    }

    private async Task RunLaneAsync(int lane, int? stopAfterMilliseconds)
    {
        using var stopping = new CancellationTokenSource();
        if (stopAfterMilliseconds is { } delay) stopping.CancelAfter(delay);
        try
        {
            await rig.Runner(options).RunAsync(new LaneRef(tenant.Account, job, lane), stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The worker was stopped while it claimed the lane.
        }
    }
}
