using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>One client that polls an import until it ends, and records its progress.</summary>
/// <param name="pause">The time between an answer and the next request.</param>
internal sealed class ImportWatch(TimeSpan pause)
{
    private readonly List<(TimeSpan At, long Processed)> _changes = []; // since the watch began
    private TimeSpan _end;

    /// <summary>The latencies of <c>imports-get</c>.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Returns the import's last state, the first that is not <c>processing</c>.</summary>
    public async Task<ImportState> RunAsync(ImportJob job)
    {
        var clock = Stopwatch.StartNew();
        for (var processed = 0L; ;)
        {
            var start = Stopwatch.GetTimestamp();
            var state = await job.ReadAsync();
            Latencies.AddSince(start);
            if (state.Counts.Processed != processed) _changes.Add((clock.Elapsed, state.Counts.Processed));
            processed = state.Counts.Processed;
            _end = clock.Elapsed;
            if (state.Status != "processing") return state;
            await Task.Delay(pause);
        }
    }

    /// <summary>The longest time without a new value of <c>processed_rows</c>, from the confirmation to the end.</summary>
    public TimeSpan LongestGap => Longest.Gap;

    /// <summary>The rows that were processed before the longest gap.</summary>
    public long RowsBeforeLongestGap => Longest.Rows;

    private (TimeSpan Gap, long Rows) Longest
    {
        get
        {
            (TimeSpan At, long Processed)[] points = [(TimeSpan.Zero, 0), .. _changes, (_end, 0)];
            return points.Zip(points.Skip(1), (before, next) => (next.At - before.At, before.Processed)).MaxBy(pair => pair.Item1);
        }
    }

    /// <summary>How many new values of <c>processed_rows</c> each second showed, and the longest gap between two of them.</summary>
    public string Progress
    {
        get
        {
            // A second that the end cuts short would count too few changes. An import shorter than a second counts as one second.
            var seconds = Math.Max(1, (int)_end.TotalSeconds);
            var perSecond = Enumerable.Range(0, seconds).Select(second => _changes.Count(change => (int)change.At.TotalSeconds == second))
                .Order().ToList();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{perSecond[(seconds - 1) / 2]} changes a second (fewest {perSecond[0]}), "
                    + $"longest gap {LongestGap.TotalMilliseconds:0} ms");
        }
    }
}
