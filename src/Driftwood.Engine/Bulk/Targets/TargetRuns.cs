namespace Driftwood.Engine.Bulk.Targets;

/// <summary>How targets are dealt out to lanes: in runs, each stored in one row.</summary>
internal static class TargetRuns
{
    /// <summary>Targets of a run; fewer in the last one, and where items became targets.</summary>
    public const int Length = 2_000;

    /// <summary>How many of a job's lanes got a target; the first one counts in any case, as its worker ends the job.</summary>
    public static int LanesUsed(long targets, int lanes) => (int)Math.Clamp((targets + Length - 1) / Length, 1, lanes);

    /// <summary>
    /// Where the n-th target goes, from 0: its lane, and its position there, from 1. Neighbours stay together, because records found
    /// next to each other are often on one page of the table, which two lanes should not write at the same time. Targets that do
    /// not fill a run stay in one lane.
    /// </summary>
    public static (int Lane, long Position) Place(long n, int lanes)
    {
        var run = n / Length;
        return ((int)(run % lanes), (run / lanes * Length) + (n % Length) + 1);
    }
}
