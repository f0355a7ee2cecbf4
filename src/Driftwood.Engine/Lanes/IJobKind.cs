using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// A kind of job: opens what its lanes do. The lane runner finds it by the job's kind, runs every method on the lane's own
/// connection (a worker that waits for a second connection while it holds one can wait for ever), and treats all kinds alike.
/// </summary>
public interface IJobKind
{
    /// <summary>The value of <c>jobs.kind</c>.</summary>
    string Name { get; }

    /// <summary>The lane's work; null when its job is gone.</summary>
    Task<ILaneWork?> OpenAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken);

    /// <summary>The step that must come before the job's lanes; null when it is done already or the job is gone.</summary>
    /// <param name="connection">The lane's.</param>
    /// <param name="lane">Lane 0, whose worker prepares for all lanes.</param>
    /// <param name="attempts">Claims of the lane so far, this one included: more than one when workers died at it.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    Task<ILanePreparation?> OpenPreparationAsync(
        NpgsqlConnection connection, LaneRef lane, int attempts, CancellationToken cancellationToken) =>
        Task.FromResult<ILanePreparation?>(null);
}

/// <summary>
/// Finds what a job's lanes must know before they begin. The runner renews the lease meanwhile, and cancels the step when the
/// job is paused or cancelled. Whoever claims the lane next begins it anew.
/// </summary>
public interface ILanePreparation : IAsyncDisposable
{
    /// <summary>Reads what is needed. May take minutes; in no transaction.</summary>
    Task FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes what lanes do not see before the end. May take minutes; in the transaction, before the lane is locked.</summary>
    Task StoreAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes the rest. In the transaction, with the lane locked and known to be this worker's.</summary>
    Task<LanesPrepared> FinishAsync(NpgsqlConnection connection, CancellationToken cancellationToken);
}

/// <summary>The result of a preparation.</summary>
/// <param name="Lanes">Lanes that have something to do; those beyond are completed.</param>
/// <param name="Found">For the log: what was found.</param>
public readonly record struct LanesPrepared(int Lanes, string Found);
