using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// The lane of a dry run of an undo. It takes changes back over the temporary table of the undo, reads the outcomes and what would be
/// restored, and rolls all else back.
/// </summary>
/// <remarks>
/// A change that is taken back can depend on those that were taken back before it. So a batch of changes is taken back in one transaction.
/// If a part of the batch has to be tried alone, or another worker goes on, the changes before it are first taken back again.
/// </remarks>
/// <param name="undo">Takes the changes back.</param>
/// <param name="lane">The lane.</param>
internal sealed class DryUndoLane(UndoLane undo, LaneRef lane) : ILaneWork
{
    // Records stay locked until the batch is rolled back.
    private const int MaxTargets = 10_000;

    // Each costs about ten statements.
    private const int MaxRuns = 200;

    private readonly List<UndoChunk> _batch = [];
    private long _start;
    private long _end;

    public int ChunkSize => MaxTargets;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (cursor < _start || cursor >= _end) await ReadBatchAsync(connection, cursor, cancellationToken);
        var end = Math.Min(cursor + size, _end);
        return end > cursor ? new TargetChunk(cursor, end) : null;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "savepoint dry_run", cancellationToken);
        await RepeatAsync(connection, chunk.Cursor, cancellationToken);
        LaneCounts counts = default;
        foreach (var part in Parts(chunk.Cursor, chunk.EndCursor))
            counts += await undo.TakeBackAsync(connection, part, only: null, cancellationToken);
        var outcomes = await ReadOutcomesAsync(connection, chunk.Cursor, chunk.EndCursor, cancellationToken);
        var restored = await ReadRestoredAsync(connection, chunk.Cursor, cancellationToken);
        await ExecuteAsync(connection, "rollback to savepoint dry_run", cancellationToken);
        await StoreAsync(connection, outcomes, cancellationToken);
        await StoreAsync(connection, restored, cancellationToken);
        return counts;
    }

    public Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken) =>
        undo.RejectAsync(connection, chunk, reason, cancellationToken);

    public ValueTask DisposeAsync() => undo.DisposeAsync();

    private async Task ReadBatchAsync(NpgsqlConnection connection, long cursor, CancellationToken cancellationToken)
    {
        _start = _end = _batch.Count > 0 ? cursor : await FindStartAsync(connection, cursor, cancellationToken);
        _batch.Clear();
        for (var runs = 0; runs < MaxRuns && _end - cursor < MaxTargets;)
        {
            var size = (int)Math.Min(MaxTargets, (_end < cursor ? cursor : cursor + MaxTargets) - _end);
            if (await undo.ReadRunAsync(connection, _end, size, cancellationToken) is not { } next) return;
            if (_end >= cursor) runs++;
            _batch.Add(next);
            _end = next.EndCursor;
        }
    }

    /// <summary>Where the batch begins if another worker had the lane: as far before the cursor as a batch is long.</summary>
    private async Task<long> FindStartAsync(NpgsqlConnection connection, long cursor, CancellationToken cancellationToken)
    {
        var start = cursor;
        for (var runs = 0; start > 0 && runs < MaxRuns && cursor - start < MaxTargets; runs++)
        {
            var before = await undo.ReadRunAsync(connection, start - 1, 1, cancellationToken);
            start = before!.Run.First - 1;
        }

        return start;
    }

    /// <summary>
    /// Takes the batch's changes before a cursor back once more. Their outcomes are stored already; those that failed are left out.
    /// </summary>
    private async Task RepeatAsync(NpgsqlConnection connection, long cursor, CancellationToken cancellationToken)
    {
        if (cursor == _start) return;
        var before = await ReadOutcomesAsync(connection, _start, cursor, cancellationToken);
        var failed = before.Where(each => each.Code != "kept").Select(each => each.Index).ToArray();
        const string Forget = "delete from target_failures where account_id = @account and job_id = @job and target_index = any (@indexes)";
        await using (var forget = Command(connection, Forget))
        {
            forget.Parameters.AddWithValue("indexes", before.Select(each => each.Index).ToArray());
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var part in Parts(_start, cursor))
            await undo.TakeBackAsync(connection, part, [.. part.Indexes.Except(failed)], cancellationToken);
    }

    private IEnumerable<UndoChunk> Parts(long after, long upTo) => _batch.Select(each => each.Part(after, upTo)).OfType<UndoChunk>();

    private async Task<IReadOnlyList<NotedOutcome>> ReadOutcomesAsync(
        NpgsqlConnection connection, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            """
            select target_index, record_id, code, message from target_failures
            where account_id = @account and job_id = @job and target_index >= @first and target_index < @end
            """);
        command.Parameters.AddWithValue("first", _batch[0].IndexAfter(after));
        command.Parameters.AddWithValue("end", _batch[0].IndexAfter(upTo));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<NotedOutcome> outcomes = [];
        while (await row.ReadAsync(cancellationToken))
            outcomes.Add(new NotedOutcome(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3)));
        return outcomes;
    }

    /// <summary>Reads what the statements after a cursor wrote to the change log of restored records.</summary>
    private async Task<IReadOnlyList<RestoredRecords>> ReadRestoredAsync(
        NpgsqlConnection connection, long cursor, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            """
            select c.cursor, c.record_type, c.type_id, c.user_id, c.record_ids, c.details from changes c
            where c.account_id = @account and c.job_id = @job and c.lane = @lane and c.cursor >= @cursor and c.effect = 'updated'
            """);
        command.Parameters.AddWithValue("lane", lane.Lane);
        command.Parameters.AddWithValue("cursor", cursor);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<RestoredRecords> restored = [];
        while (await row.ReadAsync(cancellationToken))
        {
            restored.Add(new RestoredRecords(
                row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.GetGuid(3),
                row.GetFieldValue<Guid[]>(4), row.GetString(5)));
        }

        return restored;
    }

    /// <summary>Keeps what would be restored in the change log, from which the results read the changed fields.</summary>
    private async Task StoreAsync(
        NpgsqlConnection connection, IReadOnlyList<RestoredRecords> restored, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var each in restored)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("""
                insert into changes (account_id, id, part, job_id, lane, cursor, step, record_type, type_id, effect, user_id, record_ids,
                    details)
                values ($1, $2, 0, $3, $4, $5, 0, $6, $7, 'would_update', $8, $9, $10)
                """)
            {
                Parameters =
                {
                    new NpgsqlParameter { Value = lane.AccountId },
                    new NpgsqlParameter { Value = Guid.CreateVersion7() },
                    new NpgsqlParameter { Value = lane.JobId },
                    new NpgsqlParameter { Value = lane.Lane },
                    new NpgsqlParameter { Value = each.Cursor },
                    new NpgsqlParameter { Value = each.RecordType },
                    new NpgsqlParameter { Value = each.TypeId is { } id ? id : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                    new NpgsqlParameter { Value = each.UserId },
                    new NpgsqlParameter { Value = each.Records },
                    new NpgsqlParameter { Value = each.Details },
                },
            });
        }

        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task StoreAsync(NpgsqlConnection connection, IReadOnlyList<NotedOutcome> outcomes, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0) return;
        await using var command = Command(
            connection,
            """
            insert into target_failures (account_id, job_id, target_index, record_id, code, message)
            select @account, @job, u.target_index, u.record_id, u.code, u.message
            from unnest(@indexes, @records, @codes, @messages) as u (target_index, record_id, code, message)
            """);
        command.Parameters.AddWithValue("indexes", outcomes.Select(each => each.Index).ToArray());
        command.Parameters.AddWithValue("records", outcomes.Select(each => each.Record).ToArray());
        command.Parameters.AddWithValue(
            "codes", NpgsqlDbType.Array | NpgsqlDbType.Text, outcomes.Select(each => each.Code).ToArray());
        command.Parameters.AddWithValue(
            "messages", NpgsqlDbType.Array | NpgsqlDbType.Text, outcomes.Select(each => each.Message).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string text)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        return command;
    }

    /// <summary>A target that the undo would keep, or could not take back.</summary>
    private sealed record NotedOutcome(long Index, Guid Record, string Code, string Message);

    /// <summary>Records that the undo would restore: a row of the change log that is rolled back with them.</summary>
    private sealed record RestoredRecords(long Cursor, string RecordType, Guid? TypeId, Guid UserId, Guid[] Records, string Details);
}
