namespace Driftwood.Engine.Bulk.Targets;

/// <summary>Distributes targets to lanes in runs. Each run is stored in one row.</summary>
internal static class TargetRuns
{
    /// <summary>Targets of a run. The last run may have fewer, and so may runs of items.</summary>
    public const int Length = 2_000;

    /// <summary>The number of lanes that get a target. The first lane always counts, because its worker ends the job.</summary>
    public static int LanesUsed(long targets, int lanes) => (int)Math.Clamp((targets + Length - 1) / Length, 1, lanes);

    /// <summary>
    /// The lane of the n-th target (from 0), and its position there (from 1). Neighbours stay together: records that are found next to
    /// each other are often on one page of the table, and two lanes should not write one page at the same time. Targets that do not fill
    /// a run stay in one lane.
    /// </summary>
    public static (int Lane, long Position) Place(long n, int lanes)
    {
        var run = n / Length;
        return ((int)(run % lanes), (run / lanes * Length) + (n % Length) + 1);
    }
}
