using System.Data;
using System.Text.Json;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Undo;
using Driftwood.Engine.Erasure;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk;

/// <summary>
/// Bulk jobs: several lanes apply an operation to their targets, or one lane applies items. If the caller named no ids, the job
/// first resolves its targets.
/// </summary>
public sealed class BulkJobKind(NpgsqlDataSource database, RecordTypeCatalog types, IStoredFiles files, LaneOptions options) : IJobKind
{
    /// <inheritdoc/>
    public string Name => "bulk";

    /// <inheritdoc/>
    public async Task<ILaneWork?> OpenAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        if (await LoadAsync(connection, lane, cancellationToken) is not { } job) return null;
        var type = await types.FindAsync(connection, lane.AccountId, job.RecordType, cancellationToken)
            ?? throw new JobFailedException($"The record type {job.RecordType} is no longer there.");
        if (job.IsErasure)
        {
            var deletion = new BulkLane(new DeleteOperation(type), lane, job.UserId, job.Targets, keepsChanges: false, options);
            return new EraseLane(type, deletion, lane, files);
        }

        if (job.Operation is not { } name)
        {
            var undo = new UndoLane(types, lane, job.UserId, job.Targets, options.Dialect);
            return job.IsDryRun ? new DryUndoLane(undo, lane) : undo;
        }

        if (job.HasItems)
        {
            var items = ItemsOperation.Read(type, name, job.Params, out var itemFaults) ?? throw NoLongerFit(type, itemFaults);
            return new ItemLane(type, items, lane, job.UserId, job.KeepsChanges, options);
        }

        var operation = BulkOperation.Read(type, name, job.Params, out var faults) ?? throw NoLongerFit(type, faults);
        return new BulkLane(operation, lane, job.UserId, job.Targets, job.KeepsChanges, options);
    }

    /// <inheritdoc/>
    public async Task<ILanePreparation?> OpenPreparationAsync(
        NpgsqlConnection connection, LaneRef lane, int attempts, CancellationToken cancellationToken) =>
        await TargetResolution.OpenAsync(database, connection, types, lane, options, cancellationToken);

    private static async Task<StoredBulkJob?> LoadAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "load-bulk-job", lane);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new StoredBulkJob(
                row.GetString("record_type"),
                row.GetGuid("created_by"),
                row.IsDBNull("operation") ? null : Enum.Parse<OperationName>(row.GetString("operation"), ignoreCase: true),
                JsonElement.Parse(row.GetString("params")),
                row.GetInt64("targets"),
                row.GetBoolean("has_items"),
                row.GetBoolean("keep_changes"),
                row.GetBoolean("is_erasure"),
                row.GetBoolean("is_dry_run"))
            : null;
    }

    private static JobFailedException NoLongerFit(RecordType type, IReadOnlyList<Fault> faults) =>
        new($"The job's parameters no longer fit the fields of {type.Key}: {faults[0].Path}: {faults[0].Message}");

    private sealed record StoredBulkJob(
        string RecordType, Guid UserId, OperationName? Operation, JsonElement Params, long Targets, bool HasItems,
        bool KeepsChanges, bool IsErasure, bool IsDryRun);
}
