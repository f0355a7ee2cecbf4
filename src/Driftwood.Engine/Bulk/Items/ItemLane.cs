using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>The only lane of a job with items. It applies them in chunks, with the same effect as one by one in their order.</summary>
internal sealed class ItemLane(
    RecordType type, ItemsOperation operation, LaneRef lane, Guid userId, bool keepsChanges, LaneOptions options) : ILaneWork
{
    private readonly ItemReader _reader = new(type, operation);
    private readonly ItemApplier _applier = new(type, operation, lane, userId, keepsChanges, options.Dialect);

    public int ChunkSize => options.ChunkRows;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        var items = await ReadItemsAsync(connection, cursor, size, cancellationToken);
        if (items.Count == 0) return null;
        var chunk = new ItemChunk(cursor, items) { EndCursor = cursor + items.Count, IsLast = items.Count < size };
        foreach (var (seq, item) in chunk.Staged.Index()) item.Seq = seq;
        var isNumbered = type.Autonumber is not null && operation.Action != ItemAction.Update;
        if (isNumbered) await NumberAsync(connection, chunk.Staged, cancellationToken);
        _applier.Stage.Encode(chunk.Staged, chunk.Tuples);
        return chunk;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var items = (ItemChunk)chunk;
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, type, cancellationToken);
        if (items.Staged.Count > 0) await _applier.ApplyAsync(connection, items, cancellationToken);
        await ItemOutcomes.WriteAsync(connection, lane, items.Items, cancellationToken);
        var failed = items.Items.Count(item => item.Fault is not null);
        var created = items.Items.Count(item => item.IsCreated);
        return new LaneCounts(created, items.Count - failed - created - items.Unchanged, 0, items.Unchanged, failed);
    }

    public async Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken)
    {
        var items = (ItemChunk)chunk;
        foreach (var item in items.Staged) item.Fault = reason;
        await ItemOutcomes.WriteAsync(connection, lane, items.Items, cancellationToken);
        return new LaneCounts(0, 0, 0, 0, items.Count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<List<Item>> ReadItemsAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("read-items"), connection);
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        command.Parameters.AddWithValue("from", cursor);
        command.Parameters.AddWithValue("size", size);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Item> items = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            using var json = JsonDocument.Parse(reader.GetString(1));
            items.Add(_reader.Read(reader.GetInt64(0), json.RootElement));
        }

        return items;
    }

    // An item that matches a record uses up a number too, because only SQL knows which items match.
    private async Task NumberAsync(NpgsqlConnection connection, List<Item> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0) return;
        var first = await Autonumbers.ReserveAsync(connection, lane.AccountId, type, items.Count, cancellationToken);
        foreach (var (n, item) in items.Index()) item.NumberedName = type.Autonumber!.Name(first + n);
    }
}
