using System.Data;
using System.Text.Json;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>One lane of an undo: takes back the changes of a lane of another job, the last one first.</summary>
internal sealed class UndoLane(RecordTypeCatalog types, LaneRef lane, Guid userId, long targets) : ILaneWork
{
    private readonly Dictionary<string, (RecordType Type, UndoSql Sql)?> _types = [];

    public int ChunkSize => ChangeLog.Length;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (cursor >= targets) return null;
        await using var command = Command(connection, SqlText.Of("load-undo-run"));
        command.Parameters.AddWithValue("from", cursor);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) throw new JobFailedException("The change log of the job is no longer kept.");
        var run = new UndoRun(
            row.GetInt64("first"),
            row.GetInt64("last"),
            row.GetInt64("first_index"),
            row.GetString("record_type"),
            row.IsDBNull("type_id") ? null : row.GetGuid("type_id"),
            Enum.Parse<ChangeEffect>(row.GetString("effect"), ignoreCase: true),
            row.GetGuid("id"),
            row.GetInt32("part"),
            row.GetDateTime("made_at"),
            row.GetDateTime("logged_at"));
        var end = Math.Min(cursor + size, run.Last);
        return new UndoChunk(cursor, end, run) { EndCursor = end };
    }

    public Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken) =>
        ApplyAsync(connection, (UndoChunk)chunk, leftOut: [], cancellationToken);

    /// <summary>Applies a chunk without the targets that have the indexes <paramref name="leftOut"/>. They count as done.</summary>
    public async Task<LaneCounts> ApplyAsync(
        NpgsqlConnection connection, UndoChunk undo, long[] leftOut, CancellationToken cancellationToken)
    {
        if (await FindTypeAsync(connection, undo.Run, cancellationToken) is not var (type, sql))
        {
            var gone = new Fault("not_found", $"The record type {undo.Run.RecordType} is no longer there.");
            return await RejectAsync(connection, undo, gone, cancellationToken);
        }

        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, type, cancellationToken);
        await ExecuteAsync($"{Probe.PlannerSettings}; {UndoSql.CreateTable}");
        if (await ExecuteAsync(UndoSql.Fill) != undo.Count) throw new JobFailedException("The change log of the job is no longer kept.");
        if (leftOut.Length > 0) await LeaveOutAsync();
        await ExecuteAsync(sql.Lock);
        var columns = await ReadLoggedColumnsAsync(connection, undo.Run, cancellationToken);
        await JudgeAsync();
        foreach (var check in sql.Checks(undo.Run.Effect)) await ExecuteAsync(check);
        await ExecuteAsync(sql.Write(undo.Run.Effect, columns));
        if (type.UniqueValueFields.Any()) await MoveUniqueValuesAsync(connection, undo, type, sql, cancellationToken);
        return await CountAsync(connection, undo, cancellationToken);

        async Task<int> ExecuteAsync(string text)
        {
            await using var command = Command(connection, undo, type, text);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task LeaveOutAsync()
        {
            await using var command = new NpgsqlCommand("delete from undoing s where s.target_index = any (@indexes)", connection);
            command.Parameters.AddWithValue("indexes", leftOut);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task JudgeAsync()
        {
            if (undo.Run.Effect == ChangeEffect.Updated) await ExecuteAsync(sql.JudgeUpdated(columns));
            if (undo.Run.Effect == ChangeEffect.Deleted) await ExecuteAsync(sql.JudgeDeleted);
            if (undo.Run.Effect != ChangeEffect.Created) return;
            await ExecuteAsync(sql.JudgeCreated);
            await ExecuteAsync(UndoSql.NoteGone);
            if (await AnyIsTouchedAsync(connection, cancellationToken)) await ExecuteAsync(sql.KeepTouched);
            if (sql.KeepPointedTo is { } pointed) await ExecuteAsync(pointed);
        }
    }

    public async Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, TargetSql.Reject);
        command.Parameters.AddWithValue("from", chunk.Cursor);
        command.Parameters.AddWithValue("to", chunk.EndCursor);
        command.Parameters.AddWithValue("code", reason.Code);
        command.Parameters.AddWithValue("message", reason.Message);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new LaneCounts(0, 0, 0, 0, chunk.Count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The type of a run's records; null if it was deleted. A job has few types, and a changed one ends the lane's turn.</summary>
    private async Task<(RecordType Type, UndoSql Sql)?> FindTypeAsync(
        NpgsqlConnection connection, UndoRun run, CancellationToken cancellationToken)
    {
        if (_types.TryGetValue(run.RecordType, out var known)) return known;
        var type = await types.FindAsync(connection, lane.AccountId, run.RecordType, cancellationToken);
        return _types[run.RecordType] = type is null || type.TypeId != run.TypeId ? null : (type, new UndoSql(type));
    }

    private static async Task<IReadOnlySet<string>> ReadLoggedColumnsAsync(
        NpgsqlConnection connection, UndoRun run, CancellationToken cancellationToken)
    {
        HashSet<string> columns = [];
        if (run.Effect != ChangeEffect.Updated) return columns;
        await using var command = new NpgsqlCommand(UndoSql.LoggedColumns, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) columns.Add(row.GetString(0));
        return columns;
    }

    private static async Task<bool> AnyIsTouchedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select exists (select 1 from undoing where touched)", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Replaces the unique values that no index enforces by those of the records as they are now.</summary>
    private async Task MoveUniqueValuesAsync(
        NpgsqlConnection connection, UndoChunk chunk, RecordType type, UndoSql sql, CancellationToken cancellationToken)
    {
        await using (var giveUp = Command(connection, chunk, type, UndoSql.GiveUpUniqueValues))
        {
            await giveUp.ExecuteNonQueryAsync(cancellationToken);
        }

        if (chunk.Run.Effect == ChangeEffect.Created) return;
        List<(Guid Field, string Key, Guid Record)> held = [];
        await using (var read = Command(connection, chunk, type, sql.UniqueTexts))
        await using (var row = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                foreach (var (i, field) in type.UniqueValueFields.Index())
                {
                    var text = row.IsDBNull(i + 1) ? null : row.GetString(i + 1);
                    if (text is null || MatchKeys.Of(field.MatchKey!.Value, text) is not { } key) continue;
                    held.Add((field.UniqueId!.Value, key, row.GetGuid(0)));
                }
            }
        }

        await using var take = Command(connection, chunk, type, UndoSql.TakeUniqueValues);
        take.Parameters.AddWithValue("fields", held.ConvertAll(value => value.Field));
        take.Parameters.AddWithValue("keys", NpgsqlDbType.Array | NpgsqlDbType.Text, held.ConvertAll(value => value.Key));
        take.Parameters.AddWithValue("records", held.ConvertAll(value => value.Record));
        await take.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<LaneCounts> CountAsync(NpgsqlConnection connection, UndoChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, UndoSql.Outcomes);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (failed, kept) = (row.GetInt64(0), row.GetInt64(1));
        var done = chunk.Count - failed - kept;
        return chunk.Run.Effect switch
        {
            ChangeEffect.Created => new LaneCounts(0, 0, done, kept, failed),
            ChangeEffect.Updated => new LaneCounts(0, done, 0, kept, failed),
            _ => new LaneCounts(done, 0, 0, kept, failed),
        };
    }

    // Parameters that the text does not name are not sent.
    private NpgsqlCommand Command(NpgsqlConnection connection, UndoChunk chunk, RecordType type, string text)
    {
        var command = Command(connection, text);
        command.Parameters.AddWithValue("user", userId);
        command.Parameters.AddWithValue("change", Guid.CreateVersion7());
        command.Parameters.AddWithValue("from", chunk.Cursor);
        command.Parameters.AddWithValue("to", chunk.EndCursor);
        command.Parameters.AddWithValue("first", chunk.Run.First);
        command.Parameters.AddWithValue("made_at", chunk.Run.MadeAt);
        command.Parameters.AddWithValue("logged_at", chunk.Run.LoggedAt);
        command.Parameters.AddWithValue("source_id", chunk.Run.Id);
        command.Parameters.AddWithValue("source_part", chunk.Run.Part);
        var names = type.CustomFields.ToDictionary(field => FormattableString.Invariant($"{field.Slot}"), field => field.Key);
        command.Parameters.AddWithValue("names", JsonSerializer.Serialize(names));
        return command;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string text)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        command.Parameters.AddWithValue("lane", lane.Lane);
        return command;
    }
}
