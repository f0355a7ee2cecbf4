using System.Diagnostics;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// The activities of lanes. A job keeps the trace of the request that let it run, and its lanes go on with that trace in whatever process
/// they run. Nothing is measured while nobody listens.
/// </summary>
public static class LaneTraces
{
    public const string SourceName = "Driftwood.Lanes";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The place in its trace of what runs now, as in the header <c>traceparent</c>; null where there is no trace.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>A worker's hold of a lane; null while nobody listens.</summary>
    internal static Activity? StartLane(LaneClaim claim)
    {
        var activity = Source.StartActivity("driftwood.lane", ActivityKind.Consumer, claim.TraceParent);
        activity?.SetTag("driftwood.job.id", claim.Lane.JobId)
            .SetTag("driftwood.job.kind", claim.Kind)
            .SetTag("driftwood.account.id", claim.Lane.AccountId)
            .SetTag("driftwood.lane.number", claim.Lane.Lane)
            .SetTag("driftwood.lane.cursor", claim.Cursor);
        return activity;
    }

    /// <summary>Notes how the hold ended.</summary>
    internal static void EndLane(Activity? activity, LaneEnd end)
    {
        activity?.SetTag("driftwood.lane.end", end.ToString());
        if (end == LaneEnd.Failed) activity?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The transaction of a chunk; null while nobody listens.</summary>
    internal static Activity? StartChunk(LaneChunk chunk)
    {
        var activity = Source.StartActivity("driftwood.chunk");
        activity?.SetTag("driftwood.chunk.cursor", chunk.Cursor).SetTag("driftwood.chunk.rows", chunk.Count);
        return activity;
    }
}
