using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Driftwood.Engine.Records;

/// <summary>Reads many records: lists and counts. Each query has so much time and is then stopped by the server.</summary>
public sealed class RecordQueries(NpgsqlDataSource database)
{
    /// <summary>How long a query may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Characters after which a page ends before its limit, so that a thousand records with long descriptions do not
    /// have to be in memory at once. Ordinary records have some hundreds.
    /// </summary>
    public int PageCharacters { get; init; } = 4_000_000;

    /// <summary>At most <paramref name="limit"/> records that come after a place; null begins at the beginning.</summary>
    /// <exception cref="RecordQueryTimeoutException">It took too long.</exception>
    public async Task<RecordPage> ListAsync(RecordQuery query, Guid account, RecordPlace? after, int limit, CancellationToken cancellationToken)
    {
        var sql = new RecordQuerySql(query, account);
        List<StoredRecord> records = [];
        var last = after;
        var inBlanks = sql.MayBeBlank && after is { Value: null };
        if (!inBlanks)
        {
            (last, var hasMore) = await ReadPageAsync(query.Type, sql.Page(after, blanks: false, limit + 1), records, limit, cancellationToken);
            if (hasMore || !sql.MayBeBlank) return new RecordPage(records, hasMore ? last : null);
        }

        var (lastBlank, hasMoreBlank) = await ReadPageAsync(query.Type, sql.Page(inBlanks ? after : null, blanks: true, limit - records.Count + 1), records, limit, cancellationToken);
        return new RecordPage(records, hasMoreBlank ? lastBlank ?? last : null);
    }

    /// <summary>How many records there are; exact.</summary>
    /// <exception cref="RecordQueryTimeoutException">It took too long.</exception>
    public Task<long> CountAsync(RecordQuery query, Guid account, CancellationToken cancellationToken)
    {
        var sql = new RecordQuerySql(query, account);
        var command = new NpgsqlBatchCommand(sql.Count);
        sql.AddParameters(command);
        return ReadAsync(command, async reader => await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0, cancellationToken);
    }

    /// <summary>How many records the database's planner expects, from its statistics: about right, and in no time.</summary>
    public Task<long> EstimateAsync(RecordQuery query, Guid account, CancellationToken cancellationToken)
    {
        var sql = new RecordQuerySql(query, account);
        var command = new NpgsqlBatchCommand(sql.Estimate);
        sql.AddParameters(command);
        return ReadAsync(
            command,
            async reader =>
            {
                await reader.ReadAsync(cancellationToken);
                using var plan = JsonDocument.Parse(reader.GetString(0));
                return (long)plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble();
            },
            cancellationToken);
    }

    /// <summary>Adds a page's records; the place of the last one, if there is one, and whether another page follows.</summary>
    private Task<(RecordPlace? Last, bool HasMore)> ReadPageAsync(
        RecordType type, NpgsqlBatchCommand command, List<StoredRecord> records, int limit, CancellationToken cancellationToken) =>
        ReadAsync(
            command,
            async reader =>
            {
                RecordPlace? last = null;
                var characters = records.Sum(record => (long)record.Characters);
                while (await reader.ReadAsync(cancellationToken))
                {
                    if (records.Count == limit || characters > PageCharacters) return (last, true);
                    records.Add(RecordRow.Read(type, reader));
                    characters += records[^1].Characters;
                    var value = reader.FieldCount - 1;
                    last = new RecordPlace(await reader.IsDBNullAsync(value, cancellationToken) ? null : reader.GetString(value), records[^1].Id);
                }

                return (last, false);
            },
            cancellationToken);

    private async Task<T> ReadAsync<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // A count of a million rows looks dear enough to compile, which takes longer than to count.
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('statement_timeout', $1, true), set_config('jit', 'off', true)")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = Timeout.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) } },
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
            throw new RecordQueryTimeoutException(Timeout);
        }
    }
}
