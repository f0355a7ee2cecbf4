using System.Collections.Concurrent;
using System.Diagnostics;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Measures the time from a worker's death until the next chunk of each of its lanes was committed.</summary>
internal sealed class Recoveries(Observer observer, FaultLog faults)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostWait = TimeSpan.FromMinutes(3);

    private readonly ConcurrentBag<(TimeSpan Took, bool WasDisturbed)> _times = [];
    private readonly ConcurrentBag<Task> _watches = [];

    /// <summary>The times of lanes that only single deaths of workers disturbed meanwhile, ascending.</summary>
    public IReadOnlyList<TimeSpan> Undisturbed => [.. _times.Where(time => !time.WasDisturbed).Select(time => time.Took).Order()];

    /// <summary>The times of all lanes, ascending.</summary>
    public IReadOnlyList<TimeSpan> All => [.. _times.Select(time => time.Took).Order()];

    /// <summary>Begins to watch the lanes of a worker that has just died.</summary>
    public void Watch(int processId) => _watches.Add(WatchAsync(processId, faults.Now, Stopwatch.StartNew()));

    /// <summary>Returns when all watches have ended.</summary>
    public Task EndAsync() => Task.WhenAll(_watches);

    private async Task WatchAsync(int processId, TimeSpan killedAt, Stopwatch clock)
    {
        var lanes = await observer.HeldByAsync(processId);
        while (lanes.Count > 0 && clock.Elapsed < MostWait)
        {
            var open = await StillOpenAsync(lanes);
            foreach (var _ in lanes.Except(open)) _times.Add((clock.Elapsed, faults.WasDisturbedSince(killedAt)));
            lanes = open;
            await Task.Delay(Interval);
        }
    }

    // A lane counts as recovered only with a higher fence. The dead worker may have made a commit with the old fence as it died.
    private async Task<List<HeldLane>> StillOpenAsync(List<HeldLane> lanes)
    {
        var open = await observer.ReadAsync(
            """
            select l.job_id, l.lane from lanes l join jobs j on j.account_id = l.account_id and j.id = l.job_id
            join unnest(@jobs, @lanes, @fences, @cursors) as held (job, lane, fence, cursor) on held.job = l.job_id and held.lane = l.lane
            where j.status = 'processing' and l.status in ('ready', 'running', 'waiting')
                and (l.fence = held.fence or l.cursor = held.cursor)
            """,
            reader => (reader.GetGuid(0), reader.GetInt32(1)),
            ("jobs", lanes.Select(lane => lane.Job).ToArray()), ("lanes", lanes.Select(lane => lane.Lane).ToArray()),
            ("fences", lanes.Select(lane => lane.Fence).ToArray()), ("cursors", lanes.Select(lane => lane.Cursor).ToArray()));
        return [.. lanes.Where(lane => open.Contains((lane.Job, lane.Lane)))];
    }
}
