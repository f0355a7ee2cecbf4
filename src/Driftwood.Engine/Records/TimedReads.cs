using System.Globalization;
using Npgsql;

namespace Driftwood.Engine.Records;

/// <summary>Reads that may touch every record of an account, each in a transaction of its own whose time the server keeps.</summary>
internal static class TimedReads
{
    /// <summary>Runs one statement and reads its rows.</summary>
    /// <exception cref="RecordQueryTimeoutException">It took longer than <paramref name="limit"/>.</exception>
    public static async Task<T> ReadAsync<T>(
        this NpgsqlDataSource database, TimeSpan limit, NpgsqlBatchCommand command, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // A count of a million rows looks dear enough to compile, which takes longer than to count.
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('statement_timeout', $1, true), set_config('jit', 'off', true)")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = limit.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) } },
        });
        batch.BatchCommands.Add(command);
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            return await read(reader);
        }
        catch (PostgresException stopped) when (stopped.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            throw new RecordQueryTimeoutException(limit);
        }
    }
}
