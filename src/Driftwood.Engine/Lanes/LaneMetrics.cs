using System.Diagnostics.Metrics;

namespace Driftwood.Engine.Lanes;

/// <summary>The counters of the meter <c>Driftwood.Lanes</c>.</summary>
internal static class LaneMetrics
{
    private static readonly Meter Meter = new("Driftwood.Lanes");

    /// <summary>Writes that were refused because the worker had lost its lane. Each is logged as event 208.</summary>
    public static readonly Counter<long> LanesLost = Meter.CreateCounter<long>(
        "driftwood.lanes.lost",
        "{lane}",
        "Lanes that a worker lost to another by stalling for longer than its lease; its later writes were refused.");

    /// <summary>Rows and targets that a committed chunk processed.</summary>
    public static readonly Counter<long> Rows = Meter.CreateCounter<long>(
        "driftwood.rows", "{row}", "Rows and targets that were processed, by kind of job and outcome.");

    /// <summary>The time of a chunk's transaction, from its beginning to its commit.</summary>
    public static readonly Histogram<double> ChunkDuration = Meter.CreateHistogram<double>(
        "driftwood.chunk.duration", "s", "Duration of a chunk's transaction, by kind of job.");

    /// <summary>Lanes that this process runs at the moment.</summary>
    public static readonly UpDownCounter<long> LanesRunning = Meter.CreateUpDownCounter<long>(
        "driftwood.lanes.running", "{lane}", "Lanes that the process runs.");

    /// <summary>Jobs that ended or paused. Each is logged as event 210.</summary>
    public static readonly Counter<long> JobsEnded = Meter.CreateCounter<long>(
        "driftwood.jobs.ended", "{job}", "Jobs that were settled, by kind and status.");

    /// <summary>The time from the start of a job to its end.</summary>
    public static readonly Histogram<double> JobDuration = Meter.CreateHistogram<double>(
        "driftwood.jobs.duration", "s", "Duration of jobs from their start to their end, by kind and status.");

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

    private static void Add(string kind, string outcome, long count)
    {
        if (count > 0) Rows.Add(count, new("kind", kind), new("outcome", outcome));
    }
}
