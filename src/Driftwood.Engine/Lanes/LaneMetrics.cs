using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Driftwood.Engine.Lanes;

/// <summary>The counters of the meter <c>Driftwood.Lanes</c>.</summary>
internal static class LaneMetrics
{
    private static readonly Meter Meter = new("Driftwood.Lanes");

    /// <summary>A chunk takes from milliseconds to the lease.</summary>
    private static readonly InstrumentAdvice<double> ChunkSeconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    };

    /// <summary>A job takes from a moment to a day.</summary>
    private static readonly InstrumentAdvice<double> JobSeconds = new()
    {
        HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400],
    };

    /// <summary>Writes that were refused because the worker had lost its lane. Each is logged as event 208.</summary>
    public static readonly Counter<long> LanesLost = Meter.CreateCounter<long>(
        "driftwood.lanes.lost",
        "{lane}",
        "Lanes that a worker lost to another by stalling for longer than its lease; its later writes were refused.");

    /// <summary>Rows and targets that a committed chunk processed.</summary>
    public static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "driftwood.rows", "{row}", "Rows and targets that were processed, by kind of job and outcome.");

    /// <summary>The time of a chunk's transaction, from its beginning to its commit.</summary>
    public static readonly Histogram<double> ChunkDuration = Meter.CreateHistogram(
        "driftwood.chunk.duration", "s", "Duration of a chunk's transaction, by kind of job.", tags: null, ChunkSeconds);

    /// <summary>The time of each step of a chunk.</summary>
    public static readonly Histogram<double> StepDuration = Meter.CreateHistogram(
        "driftwood.chunk.step.duration",
        "s",
        "Duration of a chunk's steps, by kind of job: read comes before the transaction; lock, apply and commit are in it.",
        tags: null,
        ChunkSeconds);

    /// <summary>Lanes that this process runs at the moment.</summary>
    public static readonly UpDownCounter<long> LanesRunning = Meter.CreateUpDownCounter<long>(
        "driftwood.lanes.running", "{lane}", "Lanes that the process runs.");

    /// <summary>Jobs that ended or paused. Each is logged as event 210.</summary>
    public static readonly Counter<long> JobsEnded = Meter.CreateCounter<long>(
        "driftwood.jobs.ended", "{job}", "Jobs that were settled, by kind and status.");

    /// <summary>The time from the start of a job to its end.</summary>
    public static readonly Histogram<double> JobDuration = Meter.CreateHistogram(
        "driftwood.jobs.duration", "s", "Duration of jobs from their start to their end, by kind and status.", tags: null, JobSeconds);

    /// <summary>Adds the outcomes and the duration of a committed chunk.</summary>
    public static void Add(string kind, LaneCounts counts, TimeSpan duration)
    {
        ChunkDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("kind", kind));
        Add(kind, "created", counts.Created);
        Add(kind, "updated", counts.Updated);
        Add(kind, "deleted", counts.Deleted);
        Add(kind, "skipped", counts.Skipped);
        Add(kind, "failed", counts.Failed);
    }

    /// <summary>Adds the duration of a step.</summary>
    /// <param name="kind">The kind of job.</param>
    /// <param name="step">The step.</param>
    /// <param name="started">When it began, as a time stamp of <see cref="Stopwatch"/>.</param>
    /// <returns>When it ended.</returns>
    public static long AddStep(string kind, string step, long started)
    {
        var ended = Stopwatch.GetTimestamp();
        StepDuration.Record(Stopwatch.GetElapsedTime(started, ended).TotalSeconds, new("kind", kind), new("step", step));
        return ended;
    }

    private static void Add(string kind, string outcome, long count)
    {
        if (count > 0) Rows.Add(count, new("kind", kind), new("outcome", outcome));
    }
}
