using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk;

/// <summary>A run of a lane's targets, by position.</summary>
internal sealed class TargetChunk(long from, long to) : LaneChunk(from)
{
    public override int Count => (int)(to - Cursor);

    public override void Dispose()
    {
    }
}

/// <summary>One lane of a bulk job: applies the operation to its frozen targets, a run of them at a time.</summary>
internal sealed class BulkLane(RecordType type, BulkOperation operation, LaneRef lane, Guid userId, long targets, int chunkSize) : ILaneWork
{
    // One company may have more contacts than can be written in the time that a statement has.
    private const int ContactsUnlinked = 10_000;

    // A record that others change again and again between two statements: the lane is tried again after a moment.
    private const int MaxTries = 10;

    private readonly BulkSql _sql = new(type, operation);

    // Where targets were missing some more may be, and the deletion of all of them would be undone again.
    private bool _areWhole = true;

    // 5,000 deletes take some 20 ms, 5,000 updates 85, and a commit 11, however many they are. Twice as many at once gained nothing.
    public int ChunkSize => chunkSize * (operation is DeleteOperation && _sql.Unlink is null && !_sql.TouchesUniqueValues ? 4 : 2);

    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(BulkSql.Settings, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        var end = Math.Min(cursor + size, targets);
        return Task.FromResult<LaneChunk?>(end > cursor ? new TargetChunk(cursor, end) { EndCursor = end } : null);
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, type, cancellationToken);
        if (_sql.Unlink is { } unlink)
        {
            await using var first = Command(connection, unlink, chunk);
            first.Parameters.AddWithValue("most", ContactsUnlinked);
            while (await first.ExecuteNonQueryAsync(cancellationToken) == ContactsUnlinked)
            {
            }
        }

        if (_sql.TouchesUniqueValues)
        {
            await using var locking = Command(connection, _sql.Lock, chunk);
            await locking.ExecuteNonQueryAsync(cancellationToken);
        }

        if (_sql.DeleteWhole is { } whole && _areWhole && await DeleteAsync(connection, whole, chunk, cancellationToken)) return new LaneCounts(0, 0, chunk.Count, 0, 0);
        var (changed, failed) = (0L, 0L);
        long[]? leftOut = null;
        for (var tries = 0; tries == 0 || leftOut is not null; tries++)
        {
            if (tries == MaxTries) throw new ContentionException(MaxTries);
            await using var command = Command(connection, leftOut is null ? _sql.Apply : _sql.ApplyToLeftOut!, chunk);
            if (leftOut is not null) command.Parameters.AddWithValue("only", leftOut);
            _sql.AddParameters(command);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            changed += reader.GetInt64(0);
            failed += reader.GetInt64(1);
            leftOut = reader.IsDBNull(2) ? null : reader.GetFieldValue<long[]>(2);
        }

        _areWhole = failed == 0;
        return changed + failed == chunk.Count
            ? operation is DeleteOperation ? new LaneCounts(0, 0, changed, 0, failed) : new LaneCounts(0, changed, 0, 0, failed)
            : throw new InvalidOperationException($"A run of {chunk.Count} targets gave {changed + failed} outcomes.");
    }

    /// <summary>False, and nothing done, when a target is not there: which one is not known.</summary>
    private async Task<bool> DeleteAsync(NpgsqlConnection connection, string whole, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await using (var before = new NpgsqlCommand("savepoint whole", connection)) await before.ExecuteNonQueryAsync(cancellationToken);
        await using (var command = Command(connection, whole, chunk))
        {
            if (await command.ExecuteNonQueryAsync(cancellationToken) == chunk.Count) return true;
        }

        await using var undo = new NpgsqlCommand("rollback to savepoint whole", connection);
        await undo.ExecuteNonQueryAsync(cancellationToken);
        return false;
    }

    public async Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, _sql.Reject, chunk);
        command.Parameters.AddWithValue("code", reason.Code);
        command.Parameters.AddWithValue("message", reason.Message);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new LaneCounts(0, 0, 0, 0, chunk.Count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private NpgsqlCommand Command(NpgsqlConnection connection, string text, LaneChunk chunk)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        command.Parameters.AddWithValue("lane", lane.Lane);
        command.Parameters.AddWithValue("from", chunk.Cursor);
        command.Parameters.AddWithValue("to", chunk.EndCursor);
        if (text.Contains("@user", StringComparison.Ordinal)) command.Parameters.AddWithValue("user", userId);
        return command;
    }
}
