using Driftwood.Engine.Sql;
using Npgsql;

namespace Driftwood.Engine.Bulk;

/// <summary>What became of a target of a bulk job.</summary>
/// <param name="Index">Its place in the caller's list, or in what was found, from 0.</param>
/// <param name="EntityId">The record; null where a failed one names none.</param>
/// <param name="ExternalId">Where the target was named by it, or its item gives it.</param>
/// <param name="Code">Why it failed; null where it succeeded.</param>
/// <param name="Message">The same for people.</param>
public sealed record TargetResult(long Index, Guid? EntityId, string? ExternalId, string? Code, string? Message);

/// <summary>A place between results: behind an index, and behind a position in each lane.</summary>
/// <param name="Index">Of the last result before it; -1 at the beginning.</param>
/// <param name="Positions">
/// Of the last target before it in each lane, lane 0 first; lanes left out are at their beginning. Among failures alone, how far each
/// lane was when the page before it was read, of a job that had failed; else none.
/// </param>
public sealed record ResultPlace(long Index, IReadOnlyList<long> Positions)
{
    public static ResultPlace Start { get; } = new(-1, []);
}

/// <summary>Results in the order of their indexes; fewer than asked for, or none, also where many others had to be passed over.</summary>
/// <param name="Next">The place behind them; null where there are no more for now.</param>
public sealed record ResultPage(IReadOnlyList<TargetResult> Items, ResultPlace? Next);

/// <summary>
/// Reads the results of bulk jobs. Targets that are dealt with succeeded unless a failure is stored. While a job runs, the
/// pages are a growing beginning of the whole list, so that none has to be read again.
/// </summary>
public sealed class BulkResults(NpgsqlDataSource database)
{
    /// <summary>
    /// Targets of a lane that a page looks at to find those that succeeded: 5,000 looks into an index take some 20 ms, and of a
    /// million failures 200 such pages are read.
    /// </summary>
    internal const int MostLookedAt = 5_000;

    /// <summary>At most <paramref name="limit"/> results behind a place.</summary>
    /// <param name="account">Whose job it is.</param>
    /// <param name="job">The bulk job.</param>
    /// <param name="failed">Only the failed ones, only the others, or with null all.</param>
    /// <param name="after">From an earlier page of the same selection.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public async Task<ResultPage> ReadAsync(Guid account, Guid job, bool? failed, ResultPlace after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = failed == true ? Failures(after) : Targets(after, limit, succeeded: failed == false);
        command.Connection = connection;
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("limit", limit + 1);
        command.Parameters.AddWithValue("positions", after.Positions.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return failed == true ? await ReadFailuresAsync(reader, limit, cancellationToken) : await ReadTargetsAsync(reader, after, limit, cancellationToken);
    }

    private static NpgsqlCommand Failures(ResultPlace after)
    {
        var command = new NpgsqlCommand(SqlText.Of("bulk-failures"));
        command.Parameters.AddWithValue("after", after.Index);
        return command;
    }

    private static NpgsqlCommand Targets(ResultPlace after, int limit, bool succeeded)
    {
        var command = new NpgsqlCommand(SqlText.Of("bulk-results"));
        command.Parameters.AddWithValue("succeeded", succeeded);
        // Where all are asked for, as many as are answered are enough.
        command.Parameters.AddWithValue("most", (long)(succeeded ? Math.Max(MostLookedAt, limit + 1) : limit + 1));
        return command;
    }

    private static async Task<ResultPage> ReadFailuresAsync(NpgsqlDataReader reader, int limit, CancellationToken cancellationToken)
    {
        List<TargetResult> results = [];
        while (await reader.ReadAsync(cancellationToken) && !reader.IsDBNull(1))
        {
            if (results.Count == limit) return new ResultPage(results, new ResultPlace(results[^1].Index, Positions(reader) ?? []));
            results.Add(Read(reader, 1));
        }

        return new ResultPage(results, null);
    }

    private static async Task<ResultPage> ReadTargetsAsync(NpgsqlDataReader reader, ResultPlace after, int limit, CancellationToken cancellationToken)
    {
        List<TargetResult> results = [];
        List<long> positions = [.. after.Positions];
        long[]? reached = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            reached = Positions(reader);
            if (reader.IsDBNull(1)) break;
            if (results.Count == limit) return new ResultPage(results, new ResultPlace(results[^1].Index, positions));
            Move(positions, reader.GetInt32(1), reader.GetInt64(2));
            results.Add(Read(reader, 3));
        }

        return new ResultPage(results, reached is null ? null : new ResultPlace(results.Count > 0 ? results[^1].Index : after.Index, reached));
    }

    private static long[]? Positions(NpgsqlDataReader reader) => reader.IsDBNull(0) ? null : reader.GetFieldValue<long[]>(0);

    private static void Move(List<long> positions, int lane, long position)
    {
        while (positions.Count <= lane) positions.Add(0);
        positions[lane] = position;
    }

    private static TargetResult Read(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first),
        reader.IsDBNull(first + 1) ? null : reader.GetGuid(first + 1),
        Text(reader, first + 2),
        Text(reader, first + 3),
        Text(reader, first + 4));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
