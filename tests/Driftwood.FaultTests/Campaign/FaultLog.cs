using System.Diagnostics;
using System.Globalization;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Which faults there were, when, and whether there is one now; each is told when it is over.</summary>
internal sealed class FaultLog(TextWriter output)
{
    /// <summary>The kind that recoveries are measured of.</summary>
    public const string KillOfWorker = "F1 kill -9 of a worker";

    /// <summary>The kind that is injected alone.</summary>
    public const string Storm = "F1 storm of kills, one each half lease";

    private const int Shown = 14;

    private readonly TextWriter _output = output;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Since the beginning of the campaign.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>How long ago the last fault ended; null while there is one.</summary>
    public TimeSpan? CalmFor
    {
        get
        {
            lock (_lock)
            {
                var now = Now;
                if (_entries.Exists(entry => entry.End is null)) return null;
                return now - (_entries.Count == 0 ? TimeSpan.Zero : _entries.Max(entry => entry.End!.Value));
            }
        }
    }

    /// <summary>The number of faults of each kind.</summary>
    public IReadOnlyList<(string Kind, int Count)> Counts
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.CountBy(entry => entry.Kind).Select(kind => (kind.Key, kind.Value))
                    .OrderBy(
                    kind => int.Parse(kind.Key[1..kind.Key.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture))];
            }
        }
    }

    /// <summary>A fault begins; disposing the result says that all is in order again.</summary>
    public IDisposable Begin(string kind, string target)
    {
        lock (_lock)
        {
            var entry = new Entry(this, kind, target, Now);
            _entries.Add(entry);
            return entry;
        }
    }

    /// <summary>Whether anything but single deaths of workers was going on at some moment since <paramref name="from"/>.</summary>
    public bool WasDisturbedSince(TimeSpan from)
    {
        lock (_lock)
        {
            return _entries.Exists(entry => entry.Kind != KillOfWorker && (entry.End is null || entry.End >= from));
        }
    }

    /// <summary>The last faults, a line each.</summary>
    public string History()
    {
        lock (_lock)
        {
            return string.Join('\n', _entries.TakeLast(Shown));
        }
    }

    private sealed class Entry(FaultLog log, string kind, string target, TimeSpan start) : IDisposable
    {
        public string Kind => kind;

        public string Target => target;

        public TimeSpan Start => start;

        public TimeSpan? End { get; private set; }

        public void Dispose()
        {
            lock (log._lock)
            {
                if (End is not null) return;
                End = log.Now;
                log._output.WriteLine(this);
            }
        }

        public override string ToString() =>
            string.Create(
            CultureInfo.InvariantCulture, $"    {Start.TotalSeconds,8:0.0} s to {End?.TotalSeconds,8:0.0} s  {Kind}: {Target}");
    }
}
