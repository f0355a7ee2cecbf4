using System.Text.Json;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>
/// Finds the targets of a bulk job that named no ids, by one statement, and stores them, once and for all. Records that come
/// later are no targets.
/// </summary>
internal sealed class TargetResolution
{
    private readonly LaneRef _lane;
    private readonly ResolvedSelection _selection;
    private readonly int _lanes;
    private readonly long? _expected;
    private readonly IReadOnlyList<Field> _unique;

    private TargetResolution(RecordType type, LaneRef lane, ResolvedSelection selection, int lanes, long? expected, IReadOnlyList<Field> unique)
    {
        Type = type;
        _lane = lane;
        _selection = selection;
        _lanes = lanes;
        _expected = expected;
        _unique = unique;
    }

    public RecordType Type { get; }

    /// <summary>Null when the job is gone or its targets are frozen.</summary>
    /// <exception cref="JobFailedException">The type has changed so that the job makes no sense any more.</exception>
    public static async Task<TargetResolution?> OpenAsync(NpgsqlConnection connection, RecordTypeCatalog types, LaneRef lane, CancellationToken cancellationToken)
    {
        string key, operation;
        string? filter, query;
        string[]? externalIds;
        JsonElement parameters;
        long? expected;
        int lanes;
        await using (var command = LaneTable.Command(connection, "load-freezing", lane))
        await using (var job = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await job.ReadAsync(cancellationToken)) return null;
            key = job.GetString(0);
            operation = job.GetString(1);
            parameters = JsonElement.Parse(job.GetString(2));
            externalIds = job.IsDBNull(3) ? null : job.GetFieldValue<string[]>(3);
            filter = job.IsDBNull(4) ? null : job.GetString(4);
            query = job.IsDBNull(5) ? null : job.GetString(5);
            expected = job.IsDBNull(6) ? null : job.GetInt64(6);
            lanes = job.GetInt32(7);
        }

        var type = await types.FindAsync(connection, lane.AccountId, key, cancellationToken)
            ?? throw new JobFailedException($"The record type {key} is no longer there.");
        var known = query is null ? [] : await types.ListAsync(connection, lane.AccountId, cancellationToken);
        var selection = externalIds is null ? ResolvedSelection.Of(ReadQuery(type, filter, query, known)) : ResolvedSelection.Of(type, ExternalIds.Of(type, externalIds));
        // Parameters that no longer fit are told by the lanes, as for any job.
        var unique = BulkOperation.Read(type, operation, parameters, out _)?.UniqueFieldsSet(type).ToList();
        return new TargetResolution(type, lane, selection, lanes, expected, unique ?? []);
    }

    /// <summary>Stores the targets in the connection's transaction, without a lock on the lane or the job.</summary>
    /// <returns>How many there are.</returns>
    /// <exception cref="JobFailedException">It took longer than <paramref name="limit"/>.</exception>
    public async Task<long> FreezeAsync(NpgsqlDataSource database, NpgsqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        await ResolvedSelection.LimitAsync(connection, limit, cancellationToken);
        try
        {
            return await _selection.StoreAsync(database, connection, _lane, _lanes, limit, cancellationToken);
        }
        catch (PostgresException slow) when (slow.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            throw new JobFailedException(FormattableString.Invariant(
                $"query_too_slow: The records were not found within {limit.TotalSeconds:0.#} s. Narrow the selection by a field that is found fast."));
        }
    }

    /// <summary>Refuses what depends on how many targets there are.</summary>
    /// <exception cref="JobFailedException">There are not as many as the caller expected, or too many for a unique value.</exception>
    public void Require(long targets)
    {
        if (_expected is { } expected && expected != targets)
        {
            throw new JobFailedException($"count_mismatch: Found {targets} records, expected {expected}. Nothing was done.");
        }

        if (targets > 1 && _unique.Count > 0)
        {
            throw new JobFailedException($"not_unique: Values of {_unique[0].Key} are unique, so it can be set on one record only; found {targets}. Nothing was done.");
        }
    }

    /// <summary>Opens the lanes that got targets, in the transaction of <see cref="FreezeAsync"/>, once the lane is locked.</summary>
    /// <returns>The lanes to wake.</returns>
    public async Task<IReadOnlyList<LaneRef>> SaveAsync(NpgsqlConnection connection, long targets, CancellationToken cancellationToken)
    {
        await using (var command = LaneTable.Command(connection, "save-freezing", _lane))
        {
            command.Parameters.AddWithValue("targets", targets);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return await LaneTable.OpenAsync(connection, _lane, BulkTargets.LanesUsed(targets, _lanes), cancellationToken);
    }

    private static RecordQuery ReadQuery(RecordType type, string? filter, string? query, IReadOnlyList<RecordType> known)
    {
        if (query is not null)
        {
            var read = QueryText.Read(query, known, type, out var fault);
            return fault is null ? new RecordQuery(type, read!.Filter) : throw NoLongerFits(type, "query", fault.Message);
        }

        List<Fault> faults = [];
        var tree = FilterJson.Read(type, JsonElement.Parse(filter!), faults);
        return tree is null ? throw NoLongerFits(type, faults[0].Path, faults[0].Message) : new RecordQuery(type, tree);
    }

    private static JobFailedException NoLongerFits(RecordType type, string path, string message) =>
        new($"The job's selection no longer fits the fields of {type.Key}: {path}: {message}");
}
