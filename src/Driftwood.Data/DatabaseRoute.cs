using Npgsql;

namespace Driftwood.Data;

/// <summary>What stands between this process and PostgreSQL.</summary>
public enum PoolerMode
{
    /// <summary>A connection is a session of the server.</summary>
    None,

    /// <summary>A pooler that gives a connection one session until it closes.</summary>
    Session,

    /// <summary>A pooler that gives each transaction another session: what a session holds is another's at the next moment.</summary>
    Transaction,
}

/// <summary>How this process reaches its database.</summary>
/// <param name="Data">The connection string for all transactions.</param>
/// <param name="Pooler">What <paramref name="Data"/> leads through.</param>
/// <param name="Direct">A connection string that leads to the server itself, where one is set.</param>
public sealed record DatabaseRoute(string Data, PoolerMode Pooler = PoolerMode.None, string? Direct = null)
{
    // In a pool, connections find free sessions in turn or the last one first. Two asked twice each cannot miss a session in common.
    private const int Rounds = 3;

    /// <summary>
    /// The accounts are spread over several servers (<see cref="Distribution"/>), and <see cref="Data"/> leads to the coordinator.
    /// </summary>
    public bool IsDistributed { get; init; }

    /// <summary>The server could not be asked what stands between: it does not answer, or the database is not made yet.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>
    /// The connection string for what needs a session of its own: migrations, locks of a session, LISTEN. Null when there is none.
    /// </summary>
    public string? Sessions => Direct ?? (Pooler == PoolerMode.Transaction ? null : Data);

    /// <summary>
    /// Finds out what the connection leads through, by two connections that are open at the same time. Behind a pooler a connection is
    /// told an invented process ID; in transaction mode the two meet in the same session.
    /// </summary>
    /// <param name="data">The connection string of the data.</param>
    /// <param name="direct">The connection string to the server itself, or null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="PoolerException">The pooler cannot carry transactions, or <paramref name="direct"/> leads through one that cannot
    /// carry sessions.</exception>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static async Task<DatabaseRoute> FindAsync(string data, string? direct, CancellationToken cancellationToken)
    {
        if (direct is not null && await ProbeAsync(direct, cancellationToken) == PoolerMode.Transaction)
        {
            throw new PoolerException(
                "ConnectionStrings:DriftwoodDirect leads through a pooler in transaction mode; it must lead to the server itself.");
        }

        var pooler = await ProbeAsync(data, cancellationToken);
        var isDistributed = await Distribution.IsDoneAsync(data, cancellationToken);
        if (pooler != PoolerMode.Transaction) return new DatabaseRoute(data, pooler, direct) { IsDistributed = isDistributed };
        // The driver would clean a session that is no longer its own, and prepare statements in one that the next transaction lacks.
        var settings = new NpgsqlConnectionStringBuilder(data) { NoResetOnClose = true, MaxAutoPrepare = 0 };
        return new DatabaseRoute(settings.ConnectionString, pooler, direct) { IsDistributed = isDistributed };
    }

    private static async Task<PoolerMode> ProbeAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var one = new NpgsqlConnection(settings.ConnectionString);
        await using var other = new NpgsqlConnection(settings.ConnectionString);
        await one.OpenAsync(cancellationToken);
        await other.OpenAsync(cancellationToken);
        HashSet<int> ofOne = [], ofOther = [];
        for (var round = 0; round < Rounds; round++)
        {
            ofOne.Add(await ServerProcessAsync(one, cancellationToken));
            ofOne.Add(await ServerProcessAsync(one, cancellationToken));
            ofOther.Add(await ServerProcessAsync(other, cancellationToken));
            ofOther.Add(await ServerProcessAsync(other, cancellationToken));
        }

        if (ofOne.Count == 1 && ofOther.Count == 1 && ofOne.Contains(one.ProcessID) && ofOther.Contains(other.ProcessID))
        {
            return PoolerMode.None;
        }

        await RequireTransactionsAsync(one, cancellationToken);
        return ofOne.Count == 1 && ofOther.Count == 1 && !ofOne.Overlaps(ofOther) ? PoolerMode.Session : PoolerMode.Transaction;
    }

    private static async Task<int> ServerProcessAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task RequireTransactionsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ServerProcessAsync(connection, cancellationToken);
            await transaction.RollbackAsync(cancellationToken);
        }
        catch (PostgresException exception)
        {
            throw new PoolerException(
                "ConnectionStrings:Driftwood leads through a pooler in statement mode, which has no transactions; "
                    + "set it to transaction or session mode.",
                exception);
        }
    }
}

/// <summary>A pooler cannot carry what the service needs. The message says what to do.</summary>
public sealed class PoolerException(string message, Exception? inner = null) : Exception(message, inner);
