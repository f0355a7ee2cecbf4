using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>One client that asks for an import until it ends, and sees its progress.</summary>
/// <param name="pause">Between an answer and the next request.</param>
internal sealed class ImportWatch(TimeSpan pause)
{
    private readonly List<TimeSpan> _changes = []; // since the watch began
    private TimeSpan _end;

    /// <summary>Of <c>imports-get</c>.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>The import's last state, the first that is not <c>processing</c>.</summary>
    public async Task<ImportState> RunAsync(ImportJob job)
    {
        var clock = Stopwatch.StartNew();
        for (var processed = 0L; ;)
        {
            var start = Stopwatch.GetTimestamp();
            var state = await job.ReadAsync();
            Latencies.AddSince(start);
            if (state.Counts.Processed != processed) _changes.Add(clock.Elapsed);
            processed = state.Counts.Processed;
            _end = clock.Elapsed;
            if (state.Status != "processing") return state;
            await Task.Delay(pause);
        }
    }

    /// <summary>How many new values of <c>processed_rows</c> a second showed, and how long none came.</summary>
    public string Progress
    {
        get
        {
            // A second that the end cuts short would count too little; an import shorter than a second is one.
            var seconds = Math.Max(1, (int)_end.TotalSeconds);
            var perSecond = Enumerable.Range(0, seconds).Select(second => _changes.Count(change => (int)change.TotalSeconds == second))
                .Order().ToList();
            var gap = _changes.Prepend(TimeSpan.Zero).Zip(_changes.Append(_end), (before, next) => next - before).Max();
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{perSecond[(seconds - 1) / 2]} changes a second (fewest {perSecond[0]}), longest gap {gap.TotalMilliseconds:0} ms");
        }
    }
}
