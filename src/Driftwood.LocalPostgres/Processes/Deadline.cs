using System.Diagnostics;

namespace Driftwood.LocalPostgres.Processes;

/// <summary>A moment on the monotonic clock, for waits that another process ends.</summary>
internal readonly record struct Deadline(long Timestamp)
{
    /// <summary>Between two looks at something only polling can see. Short beside a start (~0.2 s), cheap beside a core.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    public static Deadline In(TimeSpan limit) =>
        new(Stopwatch.GetTimestamp() + (long)(limit.TotalSeconds * Stopwatch.Frequency));

    public bool HasPassed => Stopwatch.GetTimestamp() >= Timestamp;
}
