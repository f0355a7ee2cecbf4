using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>The times that each request of one kind took.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    /// <param name="start">A time stamp of <see cref="Stopwatch"/>.</param>
    public void AddSince(long start) => Add(Stopwatch.GetElapsedTime(start));

    public void Add(TimeSpan time) => _milliseconds.Add(time.TotalMilliseconds);

    /// <summary>The median in milliseconds, by nearest rank.</summary>
    public double Median => Rank(0.5);

    /// <summary>The 99th percentile in milliseconds, by nearest rank.</summary>
    public double Percentile99 => Rank(0.99);

    /// <summary>Shows the median, the 99th percentile and the slowest, by nearest rank, and the number of requests.</summary>
    public override string ToString()
    {
        if (_milliseconds.Count == 0) return "none";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {Rank(0.5):0.0} p99 {Rank(0.99):0.0} max {_milliseconds.Max():0.0} ms (of {_milliseconds.Count})");
    }

    private double Rank(double share) =>
        _milliseconds.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(share * _milliseconds.Count) - 1));
}
