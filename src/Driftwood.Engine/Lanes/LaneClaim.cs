namespace Driftwood.Engine.Lanes;

/// <summary>A lane that this worker holds, as long as its fence is the highest.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Kind">The kind of its job.</param>
/// <param name="Fence">Raised by each claim.</param>
/// <param name="Cursor">Rows or targets dealt with so far.</param>
/// <param name="Attempts">
/// Claims since the cursor last moved, this one included, without those that were handed back: more than one when workers died.
/// </param>
/// <param name="Retries">Passing faults since the cursor last moved.</param>
/// <param name="NeedsPreparation">This worker has to prepare the job before its lanes can begin.</param>
internal sealed record LaneClaim(LaneRef Lane, string Kind, long Fence, long Cursor, int Attempts, int Retries, bool NeedsPreparation);

/// <summary>How a run of a lane ended.</summary>
public enum LaneEnd
{
    /// <summary>There was nothing to claim.</summary>
    NothingToClaim,

    /// <summary>The job is prepared: all its lanes that have something to do are to be claimed, this one too.</summary>
    Prepared,

    /// <summary>All its rows or targets are dealt with.</summary>
    Completed,

    /// <summary>Paused or cancelled.</summary>
    Stopped,

    /// <summary>Ready to be claimed again: the process stops, another account's turn has come, or the lane's account is disabled.</summary>
    HandedBack,

    /// <summary>Another worker has it, or its job is gone.</summary>
    Lost,

    /// <summary>It met a passing fault and can be claimed again after a moment.</summary>
    Postponed,

    /// <summary>It gave up; the job fails.</summary>
    Failed,
}

/// <summary>The result of <see cref="LaneRunner.RunAsync"/>.</summary>
/// <param name="End">How the run ended.</param>
/// <param name="RetryAfter">With <see cref="LaneEnd.Postponed"/>: the time until it may be claimed again.</param>
/// <param name="Opened">With <see cref="LaneEnd.Prepared"/>: the lanes to wake.</param>
public readonly record struct LaneResult(LaneEnd End, TimeSpan RetryAfter = default, IReadOnlyList<LaneRef>? Opened = null)
{
    /// <summary>The lane that was claimed; null where there was none.</summary>
    public LaneRef? Lane { get; init; }
}
