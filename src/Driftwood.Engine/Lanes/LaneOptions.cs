using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Lanes;

/// <summary>How lanes run. All nodes of a database need the same settings, because they compare each other's leases.</summary>
public sealed record LaneOptions
{
    /// <summary>How long a lane is held without a renewal before another worker may take it over.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Most rows of a chunk. 5,000 rows take 0.05 to 0.2 s of database time on two cores. That is small enough for several progress updates
    /// a second and a quick pause, and large enough to make a transaction's fixed cost negligible.
    /// </summary>
    public int ChunkRows { get; init; } = 5_000;

    /// <summary>How long one statement of a preparation may take. It can be paused and cancelled at any time.</summary>
    public TimeSpan PreparationTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a worker holds a lane, while another account's lane waits, before it changes to that account. That is long compared with
    /// the 0.05 s that opening a lane takes, and short for the waiting account.
    /// </summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Temporary faults in a row, without progress, after which a lane gives up: about two minutes.</summary>
    public int MaxRetries { get; init; } = 20;

    /// <summary>Failed rows or targets of a job, each of which is kept. A job with more fails.</summary>
    public long MaxFailures { get; init; } = long.MaxValue;

    /// <summary>How statements are written for the database. A node finds it out at its start.</summary>
    public SqlDialect Dialect { get; init; } = SqlDialect.Plain;

    /// <summary>Names this process in <c>lanes.owner</c>, for people.</summary>
    public string Owner { get; init; } = $"{Environment.MachineName}/{Environment.ProcessId}";
}

/// <summary>Wakes the workers. A wake-up may be lost; the sweeper repeats it.</summary>
public interface ILaneQueue
{
    /// <summary>Tells a worker, here or elsewhere, that these lanes have just become ready.</summary>
    Task WakeAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken);

    /// <summary>The same of lanes that are still ready, in case that the first wake-up was lost.</summary>
    Task WakeAgainAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken) => WakeAsync(lanes, cancellationToken);
}
