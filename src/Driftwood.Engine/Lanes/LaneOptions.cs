namespace Driftwood.Engine.Lanes;

/// <summary>How lanes are run; the same on every node of a database, as leases are compared between nodes.</summary>
public sealed record LaneOptions
{
    /// <summary>How long a lane is held without a renewal before another worker may take it over.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Rows of a chunk. 5,000 rows take 0.05 to 0.2 s of database time on two cores: small enough for progress several
    /// times a second and a quick pause, large enough that a transaction's fixed cost does not show.
    /// </summary>
    public int ChunkRows { get; init; } = 5_000;

    /// <summary>How long one statement of a preparation may take; it can be paused and cancelled all the time.</summary>
    public TimeSpan PreparationTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a lane is held, and another account's lane has waited, before the worker changes to that account: long beside the
    /// 0.05 s that it takes to open a lane, short for the account that waits.
    /// </summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Passing faults in a row, without progress, after which a lane gives up: about two minutes.</summary>
    public int MaxRetries { get; init; } = 20;

    /// <summary>Names this process in <c>lanes.owner</c>, for people.</summary>
    public string Owner { get; init; } = $"{Environment.MachineName}/{Environment.ProcessId}";
}

/// <summary>Wakes the workers. A wake-up may be lost: the sweeper repeats it.</summary>
public interface ILaneQueue
{
    /// <summary>Tells a worker, here or elsewhere, that these lanes are ready.</summary>
    Task WakeAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken);
}
