namespace Driftwood.Engine.Lanes;

/// <summary>A lane that this worker holds while its fence is the highest.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Kind">The kind of its job.</param>
/// <param name="Fence">A number that each claim increases.</param>
/// <param name="Cursor">The number of rows or targets processed so far.</param>
/// <param name="Attempts">
/// Claims since the cursor last moved, including this one but not those that were handed back. It is more than one when workers died.
/// </param>
/// <param name="Retries">Temporary faults since the cursor last moved.</param>
/// <param name="NeedsPreparation">This worker has to prepare the job before its lanes can begin.</param>
internal sealed record LaneClaim(LaneRef Lane, string Kind, long Fence, long Cursor, int Attempts, int Retries, bool NeedsPreparation)
{
    /// <summary>The trace of the request that let the job run, as in the header <c>traceparent</c>; null if it has none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>A pause or the end of the job had been requested when the lane was claimed.</summary>
    public bool IsControlled { get; init; }
}

/// <summary>How a run of a lane ended.</summary>
public enum LaneEnd
{
    /// <summary>No lane could be claimed.</summary>
    NothingToClaim,

    /// <summary>The job is prepared. All its lanes that have work can be claimed, including this one.</summary>
    Prepared,

    /// <summary>All rows or targets of the lane are processed.</summary>
    Completed,

    /// <summary>The job was paused or cancelled.</summary>
    Stopped,

    /// <summary>The lane can be claimed again: the process stops, another account gets its turn, or its account is disabled.</summary>
    HandedBack,

    /// <summary>Another worker has the lane, or its job is gone.</summary>
    Lost,

    /// <summary>The lane met a temporary fault. It can be claimed again after a moment.</summary>
    Postponed,

    /// <summary>The lane gave up, and the job fails.</summary>
    Failed,
}

/// <summary>The result of <see cref="LaneRunner.RunAsync"/>.</summary>
/// <param name="End">How the run ended.</param>
/// <param name="RetryAfter">With <see cref="LaneEnd.Postponed"/>: the time until the lane may be claimed again.</param>
/// <param name="Opened">With <see cref="LaneEnd.Prepared"/>: the lanes to wake.</param>
public readonly record struct LaneResult(LaneEnd End, TimeSpan RetryAfter = default, IReadOnlyList<LaneRef>? Opened = null)
{
    /// <summary>The claimed lane; null if there was none.</summary>
    public LaneRef? Lane { get; init; }
}
