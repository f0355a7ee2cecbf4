using System.Text.Json;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Queries;

/// <summary>Reads many records: lists and counts. The server stops a query after <see cref="Timeout"/>.</summary>
public sealed class RecordQueries(NpgsqlDataSource database)
{
    /// <summary>How long a query may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A page ends early once it holds this many characters, so that a thousand records with long descriptions are not in
    /// memory at once. Ordinary records have a few hundred characters.
    /// </summary>
    public int PageCharacters { get; init; } = 4_000_000;

    // In the planner's units: a scan of a million contacts costs about 60,000 and takes 0.2 s.
    private const double CheapFilter = 20_000;

    // A share of the cost of reading all records. A filter without an index costs that much.
    private const double CheapShare = 0.25;

    /// <summary>At most <paramref name="limit"/> records after a place; null starts at the first record.</summary>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<RecordPage> ListAsync(
        RecordQuery query, Guid account, RecordPlace? after, int limit, CancellationToken cancellationToken)
    {
        var sql = await PlanPagesAsync(query, account, cancellationToken);
        List<StoredRecord> records = [];
        var last = after;
        var inBlanks = sql.MayBeBlank && after is { Value: null };
        if (!inBlanks)
        {
            var first = sql.Page(after, blanks: false, limit + 1);
            (last, var hasMore) = await ReadPageAsync(query.Type, first, sql.PageSettings, records, limit, cancellationToken);
            if (hasMore || !sql.MayBeBlank) return new RecordPage(records, hasMore ? last : null);
        }

        var rest = sql.Page(inBlanks ? after : null, blanks: true, limit - records.Count + 1);
        var (lastBlank, hasMoreBlank) = await ReadPageAsync(query.Type, rest, null, records, limit, cancellationToken);
        return new RecordPage(records, hasMoreBlank ? lastBlank ?? last : null);
    }

    /// <summary>Counts the records exactly.</summary>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<long> CountAsync(RecordQuery query, Guid account, CancellationToken cancellationToken)
    {
        var read = NumberReader(cancellationToken);
        return await read(await CountAsync(query, account, read));
    }

    /// <summary>The same on an open connection, inside its transaction. A count that takes too long breaks the transaction.</summary>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<long> CountAsync(
        NpgsqlConnection connection, RecordQuery query, Guid account, CancellationToken cancellationToken)
    {
        var read = NumberReader(connection, cancellationToken);
        return await read(await CountAsync(query, account, read));
    }

    /// <summary>The same up to a limit: counting stops there.</summary>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<long> CountUpToAsync(
        NpgsqlConnection connection, RecordQuery query, Guid account, long limit, CancellationToken cancellationToken)
    {
        var read = NumberReader(connection, cancellationToken);
        return await read(await CountAsync(query, account, read, limit));
    }

    private Func<NpgsqlBatchCommand, Task<long>> NumberReader(CancellationToken cancellationToken) =>
        command => ReadAsync(command, reader => ReadCountAsync(reader, cancellationToken), cancellationToken);

    private Func<NpgsqlBatchCommand, Task<long>> NumberReader(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        command => connection.ReadAsync(Timeout, command, reader => ReadCountAsync(reader, cancellationToken), cancellationToken);

    private static async Task<NpgsqlBatchCommand> CountAsync(
        RecordQuery query, Guid account, Func<NpgsqlBatchCommand, Task<long>> read, long? limit = null)
    {
        var sql = new RecordQuerySql(query, account);
        await sql.ChooseSourceAsync(read);
        var command = new NpgsqlBatchCommand(limit is { } most ? sql.CountUpTo(most) : sql.Count);
        sql.AddParameters(command.Parameters);
        return command;
    }

    private static async Task<long> ReadCountAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0;

    /// <summary>The planner's estimate from the database's statistics: approximate, but immediate.</summary>
    public async Task<long> EstimateAsync(RecordQuery query, Guid account, CancellationToken cancellationToken) =>
        (await PlanAsync(new RecordQuerySql(query, account), cancellationToken)).Rows;

    /// <summary>The planner's estimate for the selected records in any order.</summary>
    private Task<(long Rows, double Cost)> PlanAsync(RecordQuerySql sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(sql.Plan);
        sql.AddParameters(command.Parameters);
        return ReadAsync(
            command,
            async reader =>
            {
                await reader.ReadAsync(cancellationToken);
                using var explained = JsonDocument.Parse(reader.GetString(0));
                var plan = explained.RootElement[0].GetProperty("Plan");
                return ((long)plan.GetProperty("Plan Rows").GetDouble(), plan.GetProperty("Total Cost").GetDouble());
            },
            cancellationToken);
    }

    // The planner prefers to walk all records in the requested order until enough of them pass the filter. That is good when the
    // matches are spread evenly. It reads the whole account when all matches come, for example, from one old import. When an
    // index finds the matches cheaply, they are found first and sorted afterwards; that cost has a fixed bound.
    internal async Task<RecordQuerySql> PlanPagesAsync(RecordQuery query, Guid account, CancellationToken cancellationToken)
    {
        var sql = new RecordQuerySql(query, account);
        if (query.Filter is null) return sql;
        if (query.OrderBy.Key != RecordType.UpdatedAt.Key)
        {
            await sql.ChooseSourceAsync(NumberReader(cancellationToken));
            sql.FiltersFirst = sql.IsByTime;
            if (sql.IsByTime) return sql;
        }

        var filtered = await PlanAsync(sql, cancellationToken);
        if (filtered.Cost > CheapFilter) return sql;
        var all = await PlanAsync(new RecordQuerySql(query with { Filter = null }, account), cancellationToken);
        sql.FiltersFirst = filtered.Cost <= all.Cost * CheapShare;
        return sql;
    }

    /// <summary>Adds a page's records. Returns the last record's place, if there is one, and whether another page follows.</summary>
    private Task<(RecordPlace? Last, bool HasMore)> ReadPageAsync(
        RecordType type, NpgsqlBatchCommand command, string? settings, List<StoredRecord> records, int limit,
        CancellationToken cancellationToken) =>
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
                    last = new RecordPlace(
                        await reader.IsDBNullAsync(value, cancellationToken) ? null : reader.GetString(value), records[^1].Id);
                }

                return (last, false);
            },
            cancellationToken,
            settings);

    private Task<T> ReadAsync<T>(
        NpgsqlBatchCommand command, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken, string? settings = null) =>
        database.ReadAsync(Timeout, command, read, cancellationToken, settings);
}
