using System.Diagnostics.Metrics;

namespace Driftwood.Engine.Lanes;

/// <summary>What is counted of lanes, for whoever listens to the meter <c>Driftwood.Lanes</c>.</summary>
internal static class LaneMetrics
{
    private static readonly Meter Meter = new("Driftwood.Lanes");

    /// <summary>Chunks, plans and releases refused because their worker had lost its lane meanwhile; each is logged as event 208.</summary>
    public static readonly Counter<long> LanesLost = Meter.CreateCounter<long>(
        "driftwood.lanes.lost", "{lane}", "Lanes that a worker lost to another by stalling for longer than its lease; what it still wanted to write was refused.");
}
