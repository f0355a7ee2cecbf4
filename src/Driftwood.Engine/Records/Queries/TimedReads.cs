using System.Globalization;
using Npgsql;

namespace Driftwood.Engine.Records.Queries;

/// <summary>Reads that may touch every record of an account. Each runs in its own transaction with a time limit.</summary>
internal static class TimedReads
{
    // The planner thinks that a count of a million rows is worth compiling (JIT). Compiling takes longer than counting. And a read has
    // one core: with parallel workers a few callers would have them all.
    private const string Settings =
        "select set_config('statement_timeout', $1, true), set_config('jit', 'off', true), "
            + "set_config('max_parallel_workers_per_gather', '0', true)";

    private const string Restored =
        "set local statement_timeout to default; set local jit to default; set local max_parallel_workers_per_gather to default";

    /// <summary>Runs one statement and reads its rows.</summary>
    /// <exception cref="RecordQueryTimeoutException">The statement took longer than <paramref name="limit"/>.</exception>
    public static async Task<T> ReadAsync<T>(
        this NpgsqlDataSource database,
        TimeSpan limit,
        NpgsqlBatchCommand command,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken,
        string? settings = null)
    {
        // The statements of a batch are one transaction, so the settings end with it.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await RunAsync(connection, limit, command, read, cancellationToken, settings);
    }

    /// <summary>The same inside a connection's open transaction. Its settings are restored afterwards.</summary>
    /// <exception cref="RecordQueryTimeoutException">
    /// The statement took longer than <paramref name="limit"/>; the transaction can only be rolled back.
    /// </exception>
    public static async Task<T> ReadAsync<T>(
        this NpgsqlConnection connection,
        TimeSpan limit,
        NpgsqlBatchCommand command,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken)
    {
        var result = await RunAsync(connection, limit, command, read, cancellationToken);
        await using var settings = new NpgsqlCommand(Restored, connection);
        await settings.ExecuteNonQueryAsync(cancellationToken);
        return result;
    }

    private static async Task<T> RunAsync<T>(
        NpgsqlConnection connection,
        TimeSpan limit,
        NpgsqlBatchCommand command,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken,
        string? settings = null)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        var milliseconds = limit.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(settings is null ? Settings : $"{Settings}, {settings}")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = milliseconds } },
        });
        batch.BatchCommands.Add(command);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            return await read(reader);
        }
        catch (PostgresException stopped) when (
            stopped.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            throw new RecordQueryTimeoutException(limit);
        }
    }
}
