using System.Diagnostics;
using System.Text.Json;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Polls a job through HTTP until it ends. It checks invariant S at every poll and T at the end.</summary>
internal sealed class JobWatch(Stage stage, Caller caller)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromSeconds(90);

    /// <summary>Returns the job as it ended; null when the watch gave up.</summary>
    public async Task<JsonElement?> FollowAsync(Work work, Guid id)
    {
        var clock = Stopwatch.StartNew();
        var isLate = false;
        var rows = 0L;
        (TimeSpan At, long Processed)? calmBegan = null;
        Progress? before = null;
        while (true)
        {
            if (await PollAsync(work, id) is { } job)
            {
                var now = work.Read(job);
                if (now.FaultAfter(before) is { } fault)
                {
                    stage.Violations.Add("S", $"{work.Name} {id}", $"{fault}: {now}, before that {before}");
                }
                if (now.IsEnded)
                {
                    if (stage.Faults.CalmFor is { } after && after < clock.Elapsed) stage.Tally.EndedAfter(after);
                    return job;
                }

                before = now;
            }

            // The time that the job had without a fault so far.
            var calm = stage.Faults.CalmFor is { } since ? TimeSpan.FromTicks(Math.Min(since.Ticks, clock.Elapsed.Ticks)) : TimeSpan.Zero;
            rows = Math.Max(rows, stage.UnderWay.Values.Sum(count => (long)count));
            if (stage.Faults.CalmFor is null) calmBegan = null;
            else calmBegan ??= (clock.Elapsed, await stage.Observer.ProcessedAsync());
            var limit = stage.LimitOf(rows, stage.Pace);
            if (calm > limit && calmBegan is { } began)
            {
                var pace = (await stage.Observer.ProcessedAsync() - began.Processed) / (clock.Elapsed - began.At).TotalSeconds;
                limit = stage.LimitOf(rows, pace);
            }

            if (calm > limit && !isLate)
            {
                stage.Violations.Add(
                    "T", $"{work.Name} {id}",
                    $"not ended {calm.TotalSeconds:0.0} s after the last fault, allowed are {limit.TotalSeconds:0.0} s: "
                    + $"{before}{await stage.DescribeAsync(id)}");
            }
            isLate |= calm > limit;
            if (calm > limit + GivenUpAfter || stage.Abandoned.IsCancellationRequested) return null;
            await Task.Delay(Interval);
        }
    }

    private async Task<JsonElement?> PollAsync(Work work, Guid id)
    {
        var job = await caller.PollAsync(work.GetRoute, id);
        if (job is not null) stage.Tally.Polled();
        return job;
    }
}
