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
/// <param name="Positions">Of the last result before it in each lane, lane 0 first; lanes left out are at their beginning.</param>
public sealed record ResultPlace(long Index, IReadOnlyList<long> Positions)
{
    public static ResultPlace Start { get; } = new(-1, []);
}

/// <summary>Results in the order of their indexes.</summary>
/// <param name="Next">The place behind them; null on the last page.</param>
public sealed record ResultPage(IReadOnlyList<TargetResult> Items, ResultPlace? Next);

/// <summary>
/// Reads the results of bulk jobs. Targets that are dealt with succeeded unless a failure is stored. While a job runs, the
/// pages are a growing beginning of the whole list, so that none has to be read again.
/// </summary>
public sealed class BulkResults(NpgsqlDataSource database)
{
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
        await using var command = new NpgsqlCommand(SqlText.Of(failed == true ? "bulk-failures" : "bulk-results"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("limit", limit + 1);
        if (failed == true)
        {
            command.Parameters.AddWithValue("after", after.Index);
        }
        else
        {
            command.Parameters.AddWithValue("positions", after.Positions.ToArray());
            command.Parameters.AddWithValue("succeeded", failed == false);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<TargetResult> results = [];
        List<long> positions = [.. after.Positions];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (results.Count == limit) return new ResultPage(results, new ResultPlace(results[^1].Index, positions));
            if (failed != true) Move(positions, reader.GetInt32(0), reader.GetInt64(1));
            results.Add(Read(reader, failed == true ? 0 : 2));
        }

        return new ResultPage(results, null);
    }

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
