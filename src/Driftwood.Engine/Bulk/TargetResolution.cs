using System.Data;
using System.Text.Json;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Bulk.Undo;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;
using static System.FormattableString;

namespace Driftwood.Engine.Bulk;

/// <summary>
/// Finds and stores the targets of a bulk job that named no ids. This happens only once: later records do not become targets.
/// </summary>
internal sealed class TargetResolution : ILanePreparation
{
    private readonly RecordType _type;
    private readonly IBulkTargets _targets;
    private readonly LaneRef _lane;
    private readonly StoredTargets _job;
    private readonly TimeSpan _limit;
    private long _count;

    private TargetResolution(RecordType type, IBulkTargets targets, LaneRef lane, StoredTargets job, TimeSpan limit) =>
        (_type, _targets, _lane, _job, _limit) = (type, targets, lane, job, limit);

    /// <summary>Null when the job is gone or its targets are already resolved.</summary>
    /// <exception cref="JobFailedException">The type has changed, and the job no longer fits it.</exception>
    public static async Task<TargetResolution?> OpenAsync(
        NpgsqlDataSource database, NpgsqlConnection connection, RecordTypeCatalog types, LaneRef lane, LaneOptions options,
        CancellationToken cancellationToken)
    {
        if (await LoadAsync(connection, lane, cancellationToken) is not { } job) return null;
        var type = await types.FindAsync(connection, lane.AccountId, job.RecordType, cancellationToken)
            ?? throw new JobFailedException($"The record type {job.RecordType} is no longer there.");
        var known = job.Query is null ? [] : await types.ListAsync(connection, lane.AccountId, cancellationToken);
        IBulkTargets targets = job switch
        {
            { Undoes: { } source } => new UndoTargets(source),
            { IsRestore: true } => ReadDeletions(type, job),
            { ExternalIds: { } ids } => new ExternalIdTargets(type, ids) { Dialect = options.Dialect },
            _ => new QueryTargets(ReadQuery(type, job, known), database),
        };
        return new TargetResolution(type, targets, lane, job, options.PreparationTimeout);
    }

    /// <inheritdoc/>
    /// <exception cref="JobFailedException">The search took too long.</exception>
    public async Task StoreAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var settings = Invariant($"set local jit = off; set local statement_timeout = {(long)_limit.TotalMilliseconds}");
        await using (var command = new NpgsqlCommand(settings, connection)) await command.ExecuteNonQueryAsync(cancellationToken);
        try
        {
            _count = await _targets.StoreAsync(connection, _lane.AccountId, _lane.JobId, _job.Lanes, cancellationToken);
        }
        catch (PostgresException slow) when (PostgresFaults.IsTooSlow(slow))
        {
            var seconds = Invariant($"{_limit.TotalSeconds:0.#}");
            throw new JobFailedException(
                $"query_too_slow: The records were not found within {seconds} s. Narrow the selection by a field that is found fast.");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="JobFailedException">The number of targets is not the expected one, or too large for a unique value.</exception>
    public async Task<LanesPrepared> FinishAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, _lane.AccountId, _type, cancellationToken);
        RequireCount();
        await using var command = LaneTable.Command(connection, "save-target-resolution", _lane);
        command.Parameters.AddWithValue("targets", _count);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new LanesPrepared(_targets.LanesUsed(_count, _job.Lanes), Invariant($"{_count} targets"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void RequireCount()
    {
        if (_job.ExpectedCount is { } expected && expected != _count)
        {
            throw new JobFailedException($"count_mismatch: Found {_count} records, expected {expected}. Nothing was done.");
        }

        // If the parameters no longer fit, the lanes fail the job, as they fail any job.
        if (_count <= 1 || _job.Operation is not { } operation) return;
        if (BulkOperation.Read(_type, operation, _job.Params, out _)?.UniqueFieldsSet.FirstOrDefault() is not { } unique) return;
        throw new JobFailedException(
            $"not_unique: Values of {unique.Key} are unique, so it can be set on one record only; found {_count}. Nothing was done.");
    }

    private static RecordQuery ReadQuery(RecordType type, StoredTargets job, IReadOnlyList<RecordType> known)
    {
        if (job.Query is not null)
        {
            var read = QueryText.Read(job.Query, known, type, out var fault);
            return fault is null ? new RecordQuery(type, read!.Filter) : throw NoLongerFits(type, "query", fault.Message);
        }

        List<Fault> faults = [];
        var tree = FilterJson.Read(type, JsonElement.Parse(job.Filter!), faults);
        return tree is null ? throw NoLongerFits(type, faults[0].Path, faults[0].Message) : new RecordQuery(type, tree);
    }

    private static FoundDeletions ReadDeletions(RecordType type, StoredTargets job)
    {
        var by = job.Params.TryGetProperty("job", out var id) ? id.GetGuid() : (Guid?)null;
        if (job.Filter is null) return new FoundDeletions(type, by, null);
        List<Fault> faults = [];
        var tree = FilterJson.Read(type.WithDeletion(), JsonElement.Parse(job.Filter), faults);
        return tree is null ? throw NoLongerFits(type, faults[0].Path, faults[0].Message) : new FoundDeletions(type, by, tree);
    }

    private static JobFailedException NoLongerFits(RecordType type, string path, string message) =>
        new($"The job's selection no longer fits the fields of {type.Key}: {path}: {message}");

    private static async Task<StoredTargets?> LoadAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "load-target-resolution", lane);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        string? Text(string column) => row.IsDBNull(column) ? null : row.GetString(column);
        return new StoredTargets(
            row.GetString("record_type"),
            row.IsDBNull("operation") ? null : Enum.Parse<OperationName>(row.GetString("operation"), ignoreCase: true),
            JsonElement.Parse(row.GetString("params")),
            row.IsDBNull("external_ids") ? null : row.GetFieldValue<string[]>("external_ids"),
            Text("filter"),
            Text("query"),
            row.IsDBNull("expected_count") ? null : row.GetInt64("expected_count"),
            row.GetInt32("lanes"),
            row.IsDBNull("undoes_job_id") ? null : row.GetGuid("undoes_job_id"),
            row.GetBoolean("is_restore"));
    }

    private sealed record StoredTargets(
        string RecordType, OperationName? Operation, JsonElement Params, string[]? ExternalIds, string? Filter, string? Query,
        long? ExpectedCount, int Lanes, Guid? Undoes, bool IsRestore);
}
