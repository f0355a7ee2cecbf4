using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk;

/// <summary>One lane of a bulk job: applies the operation to its targets, a run of them at a time.</summary>
internal sealed class BulkLane(
    BulkOperation operation, LaneRef lane, Guid userId, long targets, bool keepsChanges, LaneOptions options) : ILaneWork
{
    // One company may have more contacts than a statement can change within its time limit.
    private const int MaxPrepared = 10_000;

    // Other writers may change a record repeatedly between two statements. The lane is then postponed.
    private const int MaxTries = 10;

    private readonly TargetStatements _sql = operation.CreateStatements(keepsChanges, options.Dialect);

    // After a missing target, more are likely. ApplyToAll would then be undone again, so it is not used any more.
    private bool _areAllThere = true;

    public int ChunkSize => options.ChunkRows * operation.ChunkFactor;

    public Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        var end = Math.Min(cursor + size, targets);
        return Task.FromResult<LaneChunk?>(end > cursor ? new TargetChunk(cursor, end) { IsLast = end == targets } : null);
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, operation.Type, cancellationToken, Probe.SettingsFor(options.Dialect));
        // In a cluster no foreign key takes a link away. Nobody can link a record that is locked, so it is locked before it is unlinked.
        if (options.Dialect.IsDistributed) await LockAsync(connection, chunk, cancellationToken);
        if (_sql.Prepare is { } prepare)
        {
            while (await CountAsync(connection, prepare, chunk, cancellationToken) == MaxPrepared)
            {
            }
        }

        if (!options.Dialect.IsDistributed) await LockAsync(connection, chunk, cancellationToken);
        if (_sql.ApplyToAll is { } all && _areAllThere && await ApplyToAllAsync(connection, all, chunk, cancellationToken))
        {
            return operation.Count(chunk.Count, 0, 0);
        }

        var (changed, unchanged, failed) = await ApplyToEachAsync(connection, chunk, cancellationToken);
        _areAllThere = failed == 0;
        var counts = operation.Count(changed, unchanged, failed);
        return counts.Processed == chunk.Count
            ? counts
            : throw new InvalidOperationException($"A run of {chunk.Count} targets gave {counts.Processed} outcomes.");
    }

    private async Task LockAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        if (_sql.Lock is { } locking) await ExecuteAsync(connection, locking, chunk, cancellationToken);
    }

    public async Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, _sql.Reject, chunk);
        command.Parameters.AddWithValue("code", reason.Code);
        command.Parameters.AddWithValue("message", reason.Message);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new LaneCounts(0, 0, 0, 0, chunk.Count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Applies the operation to all targets. Returns false, and changes nothing, if any target is missing.</summary>
    private async Task<bool> ApplyToAllAsync(NpgsqlConnection connection, string all, LaneChunk chunk, CancellationToken cancellationToken)
    {
        if (await CountAsync(connection, $"savepoint whole; {all}", chunk, cancellationToken) == chunk.Count) return true;
        await using var undo = new NpgsqlCommand("rollback to savepoint whole", connection);
        await undo.ExecuteNonQueryAsync(cancellationToken);
        return false;
    }

    private async Task<(long Changed, long Unchanged, long Failed)> ApplyToEachAsync(
        NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var (changed, unchanged, failed) = (0L, 0L, 0L);
        long[]? leftOut = null;
        for (var tries = 0; tries == 0 || leftOut is not null; tries++)
        {
            if (tries == MaxTries) throw new ContentionException(MaxTries);
            await using var command = Command(connection, leftOut is null ? _sql.Apply : _sql.ApplyToLeftOut!, chunk);
            if (leftOut is not null) command.Parameters.AddWithValue("only", leftOut);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            changed += reader.GetInt64(0);
            unchanged += reader.GetInt64(1);
            failed += reader.GetInt64(2);
            leftOut = reader.IsDBNull(3) ? null : reader.GetFieldValue<long[]>(3);
        }

        return (changed, unchanged, failed);
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, string text, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, chunk);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long> CountAsync(NpgsqlConnection connection, string text, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, chunk);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // Parameters that the text does not name are not sent.
    private NpgsqlCommand Command(NpgsqlConnection connection, string text, LaneChunk chunk)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        command.Parameters.AddWithValue("lane", lane.Lane);
        command.Parameters.AddWithValue("from", chunk.Cursor);
        command.Parameters.AddWithValue("to", chunk.EndCursor);
        command.Parameters.AddWithValue("user", userId);
        command.Parameters.AddWithValue("change", Guid.CreateVersion7());
        command.Parameters.AddWithValue("most", MaxPrepared);
        _sql.Values.AddTo(command.Parameters);
        return command;
    }
}
