using Driftwood.Engine.Erasure;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk;

/// <summary>
/// The lane of an erasure. Before a chunk's transaction, it takes the records out of stored files, row errors, items and kept answers. In
/// the transaction it deletes the records that are still there, and takes what they held out of the change log.
/// </summary>
/// <param name="type">The type of the records.</param>
/// <param name="deletion">Deletes the targets, without what they held in the change log.</param>
/// <param name="lane">The lane.</param>
/// <param name="files">The stored files.</param>
internal sealed class EraseLane(RecordType type, BulkLane deletion, LaneRef lane, IStoredFiles files) : ILaneWork
{
    public int ChunkSize => deletion.ChunkSize;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        var chunk = await deletion.ReadAsync(connection, cursor, size, cancellationToken);
        if (chunk is null) return null;
        var (ids, _) = await ReadTargetsAsync(connection, chunk, cancellationToken);
        var persons = await PersonalRows.ReadAsync(connection, type, lane.AccountId, ids, cancellationToken);
        await new FileErasure(connection, files, lane.AccountId, persons).RunAsync(cancellationToken);
        await new RowErasure(connection, lane.AccountId, persons).RunAsync(cancellationToken);
        return chunk;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var counts = await deletion.ApplyAsync(connection, chunk, cancellationToken);
        var (ids, indexes) = await ReadTargetsAsync(connection, chunk, cancellationToken);
        await using var forgive = Command(connection, "forgive-deleted-targets", ids);
        forgive.Parameters.AddWithValue("indexes", indexes);
        var forgiven = (long)(await forgive.ExecuteScalarAsync(cancellationToken))!;
        await using var erase = Command(connection, "erase-change-log", ids);
        await erase.ExecuteNonQueryAsync(cancellationToken);
        await using var mark = Command(connection, "mark-erased", ids);
        await mark.ExecuteNonQueryAsync(cancellationToken);
        return counts with { Deleted = counts.Deleted + forgiven, Failed = counts.Failed - forgiven };
    }

    public Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken) =>
        deletion.RejectAsync(connection, chunk, reason, cancellationToken);

    public ValueTask DisposeAsync() => deletion.DisposeAsync();

    private async Task<(Guid[] Ids, long[] Indexes)> ReadTargetsAsync(
        NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "read-erased-targets", lane);
        command.Parameters.AddWithValue("from", chunk.Cursor);
        command.Parameters.AddWithValue("to", chunk.EndCursor);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetFieldValue<Guid[]>(0), row.GetFieldValue<long[]>(1));
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string statement, Guid[] ids)
    {
        var command = new NpgsqlCommand(SqlText.Of(statement), connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        PersonalRows.AddParameters(command, type, lane.AccountId, ids);
        command.Parameters.AddWithValue("job", lane.JobId);
        return command;
    }
}
