using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Bulk.Results;

/// <summary>Whether a target was changed.</summary>
public enum TargetOutcome
{
    Succeeded,
    Failed,

    /// <summary>Of an undo: the record keeps some or all of its values, because somebody has changed them since.</summary>
    Kept,
}

/// <summary>What became of a record.</summary>
public enum TargetEffect
{
    Created,
    Updated,

    /// <summary>It had the new values already, and nothing was written.</summary>
    Unchanged,
    Deleted,

    /// <summary>By an undo: its old values are back, or the record itself.</summary>
    Restored,

    /// <summary>By an undo: the record that the other job created is gone.</summary>
    Removed,

    /// <summary>The record is gone, with what was kept of it.</summary>
    Erased,
}

/// <summary>The outcome of one target of a bulk job.</summary>
/// <param name="Index">The target's place in the caller's list, or among the found records, from 0.</param>
/// <param name="EntityId">The record; null if a failed target names none.</param>
/// <param name="ExternalId">The external ID that names the target, or that its item contains.</param>
/// <param name="Code">The reason why it failed; null if it succeeded.</param>
/// <param name="Message">The reason in words for people.</param>
/// <param name="Effect">What became of the record; null if the target failed.</param>
public sealed record TargetResult(
    long Index, Guid? EntityId, string? ExternalId, string? Code, string? Message, TargetEffect? Effect)
{
    /// <summary>The fields that it changed in a record; null where it changed none, and where the change log does not have them.</summary>
    public IReadOnlyList<string>? Changed { get; init; }

    /// <summary>The caller's own name for the item.</summary>
    public string? Ref { get; init; }

    public TargetOutcome Outcome => Code switch
    {
        null => TargetOutcome.Succeeded,
        "kept" => TargetOutcome.Kept,
        _ => TargetOutcome.Failed,
    };
}

/// <summary>
/// Reads the results of bulk jobs. A processed target succeeded unless a failure is stored. While a job runs, the pages are a growing
/// prefix of the whole list, so no page has to be read again.
/// </summary>
public sealed class BulkResults(NpgsqlDataSource database)
{
    /// <summary>The position before all results.</summary>
    public const long Start = -1;

    /// <summary>
    /// Maximum targets that a page examines. If nearly all targets failed or were not processed, the requested results are far apart,
    /// and a page is shorter than its limit.
    /// </summary>
    internal const int MaxTargets = 50_000;

    /// <summary>Maximum targets that one statement examines.</summary>
    internal const int MaxAtOnce = 10_000;

    /// <summary>
    /// At most <paramref name="limit"/> results after an index. A page before the last one may have fewer, or none, if they are far apart.
    /// </summary>
    /// <param name="account">The account of the job.</param>
    /// <param name="job">The bulk job.</param>
    /// <param name="outcome">Only the targets with this outcome; null for all.</param>
    /// <param name="after">From an earlier page of the same selection, or <see cref="Start"/>.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<ResultPage<TargetResult>> ReadAsync(
        Guid account, Guid job, TargetOutcome? outcome, long after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var end = await ReadEndAsync(connection, account, job, cancellationToken);
        List<TargetResult> results = [];
        var isFailed = outcome is TargetOutcome.Failed or TargetOutcome.Kept;
        var max = Math.Min(end, after + MaxTargets);
        var atOnce = Math.Min(2L * limit, MaxAtOnce);
        while (after < (isFailed ? end : max))
        {
            var to = isFailed ? end : Math.Min(end, after + atOnce);
            await using var command = new NpgsqlCommand(SqlText.Of(isFailed ? "bulk-failures" : "bulk-results"), connection);
            command.Parameters.AddWithValue("account", account);
            command.Parameters.AddWithValue("job", job);
            command.Parameters.AddWithValue("after", after);
            command.Parameters.AddWithValue("to", to);
            command.Parameters.AddWithValue("limit", limit + 1 - results.Count);
            if (isFailed) command.Parameters.AddWithValue("kept", outcome == TargetOutcome.Kept);
            else command.Parameters.AddWithValue("succeeded", outcome == TargetOutcome.Succeeded);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (results.Count == limit) return new ResultPage<TargetResult>(results, results[^1].Index);
                results.Add(Read(reader));
            }

            after = to;
            atOnce = Math.Min(4 * atOnce, MaxAtOnce);
        }

        return new ResultPage<TargetResult>(results, after < end ? after : null);
    }

    /// <summary>The external IDs of a job's items exactly as they were sent, by index; those of items without one are left out.</summary>
    /// <param name="account">The account of the job.</param>
    /// <param name="job">The bulk job.</param>
    /// <param name="indexes">The items' places in the caller's list.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public async Task<IReadOnlyDictionary<long, string>> ReadSentExternalIdsAsync(
        Guid account, Guid job, long[] indexes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(SqlText.Of("bulk-sent-external-ids"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("indexes", indexes);
        Dictionary<long, string> sent = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) sent[reader.GetInt64(0)] = reader.GetString(1);
        return sent;
    }

    private static async Task<long> ReadEndAsync(NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("bulk-results-end"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        return await command.ExecuteScalarAsync(cancellationToken) is long end ? end : Start;
    }

    private static TargetResult Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.IsDBNull(1) ? null : reader.GetGuid(1),
        Text(reader, 2),
        Text(reader, 3),
        Text(reader, 4),
        Text(reader, 5) is { } effect ? Enum.Parse<TargetEffect>(effect, ignoreCase: true) : null)
    {
        Ref = Text(reader, 6),
    };

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
