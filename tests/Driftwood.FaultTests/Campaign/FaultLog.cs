using System.Diagnostics;
using System.Globalization;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Records each fault and its time, and knows whether a fault is active now. It prints each fault when it is over.</summary>
internal sealed class FaultLog(TextWriter output)
{
    /// <summary>The kind of fault whose recoveries are measured.</summary>
    public const string KillOfWorker = "F1 kill -9 of a worker";

    /// <summary>The kind of fault that is injected alone.</summary>
    public const string Storm = "F1 storm of kills, one each half lease";

    private const int Shown = 14;

    private readonly TextWriter _output = output;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>The time since the beginning of the campaign.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>The time since the last fault ended; null while a fault is active.</summary>
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

    /// <summary>Begins a fault. Disposing the result ends it.</summary>
    public IDisposable Begin(string kind, string target)
    {
        lock (_lock)
        {
            var entry = new Entry(this, kind, target, Now);
            _entries.Add(entry);
            return entry;
        }
    }

    /// <summary>Says whether anything but single deaths of workers happened at some moment since <paramref name="from"/>.</summary>
    public bool WasDisturbedSince(TimeSpan from)
    {
        lock (_lock)
        {
            return _entries.Exists(entry => entry.Kind != KillOfWorker && (entry.End is null || entry.End >= from));
        }
    }

    /// <summary>Says whether the database or the way to it had a fault at some moment since <paramref name="from"/>.</summary>
    public bool WasDatabaseDisturbedSince(TimeSpan from)
    {
        lock (_lock)
        {
            return _entries.Exists(entry => DatabaseFaults.Kinds.Any(kind => entry.Kind.StartsWith(kind, StringComparison.Ordinal))
                && (entry.End is null || entry.End >= from));
        }
    }

    /// <summary>The last faults, one per line.</summary>
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
