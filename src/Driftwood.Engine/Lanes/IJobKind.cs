using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// A kind of job. It opens the work of a job's lanes. The lane runner finds it by the job's kind, treats all kinds alike, and runs
/// every method on the lane's own connection: a worker that holds one connection and waits for a second can wait for ever.
/// </summary>
public interface IJobKind
{
    /// <summary>The value of <c>jobs.kind</c>.</summary>
    string Name { get; }

    /// <summary>Opens the lane's work. Returns null when its job is gone.</summary>
    Task<ILaneWork?> OpenAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken);

    /// <summary>Opens the step that must run before the job's lanes. Returns null when it is already done or the job is gone.</summary>
    /// <param name="connection">The lane's connection.</param>
    /// <param name="lane">Lane 0. Its worker prepares all lanes.</param>
    /// <param name="attempts">Claims of the lane so far, including this one. It is more than one when workers died.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    Task<ILanePreparation?> OpenPreparationAsync(
        NpgsqlConnection connection, LaneRef lane, int attempts, CancellationToken cancellationToken) =>
        Task.FromResult<ILanePreparation?>(null);
}

/// <summary>
/// Finds what a job's lanes must know before they begin. Meanwhile the runner renews the lease, and cancels the step when the job is
/// paused or cancelled. The next worker that claims the lane starts the step over.
/// </summary>
public interface ILanePreparation : IAsyncDisposable
{
    /// <summary>Reads the needed data. May take minutes; runs outside a transaction.</summary>
    Task FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes data that lanes see only at the end. May take minutes; runs in the transaction, before the lane is locked.</summary>
    Task StoreAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes the rest, in the transaction. The lane is locked, and this worker still has it.</summary>
    Task<LanesPrepared> FinishAsync(NpgsqlConnection connection, CancellationToken cancellationToken);
}

/// <summary>The result of a preparation.</summary>
/// <param name="Lanes">The number of lanes that have work. The others are completed.</param>
/// <param name="Found">Describes the result for the log.</param>
public readonly record struct LanesPrepared(int Lanes, string Found);
