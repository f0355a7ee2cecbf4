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
}
