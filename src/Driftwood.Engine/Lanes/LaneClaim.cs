namespace Driftwood.Engine.Lanes;

/// <summary>A lane that this worker holds, as long as its fence is the highest.</summary>
/// <param name="Lane">Which.</param>
/// <param name="Fence">Raised by each claim.</param>
/// <param name="Cursor">What is dealt with so far.</param>
/// <param name="Attempts">Claims since the cursor last moved, this one included, those given back not: more than one when workers died.</param>
/// <param name="Retries">Passing faults since the cursor last moved.</param>
/// <param name="Plans">The job's other lanes wait for the plan that this worker is to make.</param>
/// <param name="Freezes">The job's targets are still to be found, by this worker.</param>
internal sealed record LaneClaim(LaneRef Lane, long Fence, long Cursor, int Attempts, int Retries, bool Plans, bool Freezes);

/// <summary>What became of a lane that was run.</summary>
public enum LaneEnd
{
    /// <summary>There was nothing to claim.</summary>
    NothingToClaim,

    /// <summary>The job's plan stands, or its targets do: all its lanes that have something to do are to be claimed, this one too.</summary>
    Planned,

    /// <summary>All of it is dealt with.</summary>
    Completed,

    /// <summary>Paused or cancelled.</summary>
    Stopped,

    /// <summary>Handed back at shutdown, to another account whose turn it is, or because its own is disabled; ready to be claimed.</summary>
    HandedBack,

    /// <summary>Another worker has it, or its job is gone.</summary>
    Lost,

    /// <summary>A passing fault; worth claiming again after a moment.</summary>
    Postponed,

    /// <summary>It cannot go on.</summary>
    Failed,
}

/// <summary>The result of <see cref="LaneRunner.RunAsync"/>.</summary>
/// <param name="End">What became of it.</param>
/// <param name="RetryAfter">With <see cref="LaneEnd.Postponed"/>: when it may be claimed again.</param>
/// <param name="Opened">With <see cref="LaneEnd.Planned"/>: the lanes to wake.</param>
public readonly record struct LaneResult(LaneEnd End, TimeSpan RetryAfter = default, IReadOnlyList<LaneRef>? Opened = null)
{
    /// <summary>The lane that was claimed; null where there was none.</summary>
    public LaneRef? Lane { get; init; }
}
