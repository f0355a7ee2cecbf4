using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Erasure;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk;

/// <summary>Targets of an erasure, with their records and their places in the caller's list.</summary>
internal sealed class EraseChunk(LaneChunk targets, Guid[] records, long[] indexes) : TargetChunk(targets.Cursor, targets.EndCursor)
{
    public Guid[] Records => records;

    public long[] Indexes => indexes;
}

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
    private readonly string _eraseLog = EraseLog(type);

    public int ChunkSize => deletion.ChunkSize;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        using var targets = await deletion.ReadAsync(connection, cursor, size, cancellationToken);
        if (targets is null) return null;
        var chunk = await WithRecordsAsync(connection, targets, cancellationToken);
        var persons = await PersonalRows.ReadAsync(connection, type, lane.AccountId, chunk.Records, cancellationToken);
        await new FileErasure(connection, files, lane.AccountId, persons).RunAsync(cancellationToken);
        await new RowErasure(connection, lane.AccountId, persons).RunAsync(cancellationToken);
        return chunk;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var erased = (EraseChunk)chunk;
        var counts = await deletion.ApplyAsync(connection, chunk, cancellationToken);
        await using var forgive = Command(connection, SqlText.Of("forgive-deleted-targets"), erased);
        forgive.Parameters.AddWithValue("indexes", erased.Indexes);
        var forgiven = (long)(await forgive.ExecuteScalarAsync(cancellationToken))!;
        await using var erase = Command(connection, _eraseLog, erased);
        await erase.ExecuteNonQueryAsync(cancellationToken);
        return counts with { Deleted = counts.Deleted + forgiven, Failed = counts.Failed - forgiven };
    }

    public Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken) =>
        deletion.RejectAsync(connection, chunk, reason, cancellationToken);

    public ValueTask DisposeAsync() => deletion.DisposeAsync();

    private async Task<EraseChunk> WithRecordsAsync(
        NpgsqlConnection connection, LaneChunk targets, CancellationToken cancellationToken)
    {
        await using var command = LaneTable.Command(connection, "read-erased-targets", lane);
        command.Parameters.AddWithValue("from", targets.Cursor);
        command.Parameters.AddWithValue("to", targets.EndCursor);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new EraseChunk(targets, row.GetFieldValue<Guid[]>(0), row.GetFieldValue<long[]>(1)) { IsLast = targets.IsLast };
    }

    private static string EraseLog(RecordType type)
    {
        var images = new DeletedImages(type);
        return SqlText.Of("erase-change-log")
            .Replace("{images}", images.Column, StringComparison.Ordinal)
            .Replace("{left}", images.Without("r.record_id = any (@ids)"), StringComparison.Ordinal);
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string text, EraseChunk chunk)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        PersonalRows.AddParameters(command, type, lane.AccountId, chunk.Records);
        command.Parameters.AddWithValue("job", lane.JobId);
        return command;
    }
}
