using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;
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

    private readonly BulkSql _sql = new(type, operation);

    public int ChunkSize => chunkSize;

    public Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        var end = Math.Min(cursor + size, targets);
        return Task.FromResult<LaneChunk?>(end > cursor ? new TargetChunk(cursor, end) { EndCursor = end } : null);
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, type, cancellationToken);
        if (_sql.TouchesUniqueValues) await LookUpEachAsync(connection, cancellationToken);
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

        await using var command = Command(connection, _sql.Apply, chunk);
        _sql.AddParameters(command);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var changed = reader.GetInt64(0);
        var failed = reader.GetInt64(1);
        return changed + failed == chunk.Count
            ? operation is DeleteOperation ? new LaneCounts(0, 0, changed, 0, failed) : new LaneCounts(0, changed, 0, 0, failed)
            : throw new InvalidOperationException($"A run of {chunk.Count} targets gave {changed + failed} outcomes.");
    }

    public async Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, CellFault reason, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, _sql.Reject, chunk);
        command.Parameters.AddWithValue("code", reason.Code);
        command.Parameters.AddWithValue("message", reason.Message);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new LaneCounts(0, 0, 0, 0, chunk.Count);
    }

    // Nothing is known of how many records the statement's parts have: joined by a hash, every unique value of the account would be read.
    private static async Task LookUpEachAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("set local enable_hashjoin = off; set local enable_mergejoin = off", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
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
