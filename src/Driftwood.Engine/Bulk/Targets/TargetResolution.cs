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
internal sealed class TargetResolution : ILanePreparation
{
    private readonly NpgsqlDataSource _database;
    private readonly RecordType _type;
    private readonly LaneRef _lane;
    private readonly ResolvedSelection _selection;
    private readonly int _lanes;
    private readonly long? _expected;
    private readonly IReadOnlyList<Field> _unique;
    private readonly TimeSpan _limit;
    private long _targets;

    private TargetResolution(
        NpgsqlDataSource database, RecordType type, LaneRef lane, ResolvedSelection selection, int lanes, long? expected,
        IReadOnlyList<Field> unique, TimeSpan limit)
    {
        _database = database;
        _limit = limit;
        _type = type;
        _lane = lane;
        _selection = selection;
        _lanes = lanes;
        _expected = expected;
        _unique = unique;
    }

    /// <summary>Null when the job is gone or its targets are frozen.</summary>
    /// <exception cref="JobFailedException">The type has changed so that the job makes no sense any more.</exception>
    public static async Task<TargetResolution?> OpenAsync(
        NpgsqlDataSource database, NpgsqlConnection connection, RecordTypeCatalog types, LaneRef lane, TimeSpan limit,
        CancellationToken cancellationToken)
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
        return new TargetResolution(database, type, lane, selection, lanes, expected, unique ?? [], limit);
    }

    /// <inheritdoc/>
    /// <exception cref="JobFailedException">It took longer than it may.</exception>
    public async Task StoreAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ResolvedSelection.LimitAsync(connection, _limit, cancellationToken);
        try
        {
            _targets = await _selection.StoreAsync(_database, connection, _lane, _lanes, _limit, cancellationToken);
        }
        catch (PostgresException slow) when (slow.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            throw new JobFailedException(FormattableString.Invariant(
                $"query_too_slow: The records were not found within {_limit.TotalSeconds:0.#} s. Narrow the selection by a field that is found fast."));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="JobFailedException">There are not as many as the caller expected, or too many for a unique value.</exception>
    public async Task<LanesPrepared> FinishAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, _lane.AccountId, _type, cancellationToken);
        Require();
        await using var command = LaneTable.Command(connection, "save-freezing", _lane);
        command.Parameters.AddWithValue("targets", _targets);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new LanesPrepared(BulkTargets.LanesUsed(_targets, _lanes), FormattableString.Invariant($"{_targets} targets"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Refuses what depends on how many targets there are.
    private void Require()
    {
        if (_expected is { } expected && expected != _targets)
        {
            throw new JobFailedException($"count_mismatch: Found {_targets} records, expected {expected}. Nothing was done.");
        }

        if (_targets > 1 && _unique.Count > 0)
        {
            throw new JobFailedException($"not_unique: Values of {_unique[0].Key} are unique, so it can be set on one record only; found {_targets}. Nothing was done.");
        }
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
