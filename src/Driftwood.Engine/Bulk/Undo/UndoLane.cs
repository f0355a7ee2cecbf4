using System.Data;
using System.Text.Json;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
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
    private readonly Dictionary<string, UntouchedSql> _untouched = [];

    // The targets of a few rows of the change log. More in one transaction is hardly faster.
    public int ChunkSize => 4 * ChangeLog.Length;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken) =>
        cursor >= targets ? null : new UndoChunks(await ReadRunsAsync(connection, cursor, size, cancellationToken));

    /// <summary>Reads the targets of one run at a cursor; null at the end of the lane.</summary>
    public async Task<UndoChunk?> ReadRunAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (cursor >= targets) return null;
        var first = (await ReadRunsAsync(connection, cursor, 1, cancellationToken))[0].Run;
        return new UndoChunk(cursor, Math.Min(cursor + size, first.Last), first);
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        LaneCounts counts = default;
        foreach (var part in ((UndoChunks)chunk).Parts) counts += await ApplyAsync(connection, part, cancellationToken);
        return counts;
    }

    /// <summary>Takes back the targets of one run.</summary>
    private async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, UndoChunk undo, CancellationToken cancellationToken)
    {
        if (undo.Run.Effect != ChangeEffect.Updated || await FindTypeAsync(connection, undo.Run, cancellationToken) is not var (type, _))
            return await TakeBackAsync(connection, undo, only: null, cancellationToken);
        await HoldTypeAsync(connection, type, cancellationToken);
        var (restored, others) = await RestoreUntouchedAsync(connection, undo, type, cancellationToken);
        var counts = new LaneCounts(0, restored, 0, 0, 0);
        return restored == undo.Count ? counts : counts + await TakeBackAsync(connection, undo, others, cancellationToken);
    }

    /// <summary>Takes back targets of one run over the temporary table.</summary>
    /// <param name="connection">With the lane's transaction.</param>
    /// <param name="undo">The targets.</param>
    /// <param name="only">The indexes of some of them; null: all.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<LaneCounts> TakeBackAsync(
        NpgsqlConnection connection, UndoChunk undo, long[]? only, CancellationToken cancellationToken)
    {
        if (await FindTypeAsync(connection, undo.Run, cancellationToken) is not var (type, sql))
        {
            var gone = new Fault("not_found", $"The record type {undo.Run.RecordType} is no longer there.");
            return await RejectAsync(connection, undo, gone, cancellationToken);
        }

        await HoldTypeAsync(connection, type, cancellationToken);
        await ExecuteAsync($"{UndoSql.CreateTable}; {UndoSql.EmptyTable}");
        if (await FillAsync() != (only?.Length ?? undo.Count)) throw new JobFailedException("The change log of the job is no longer kept.");
        await ExecuteAsync(sql.Lock);
        var columns = await ReadLoggedColumnsAsync();
        await JudgeAsync();
        foreach (var check in sql.Checks(undo.Run.Effect)) await ExecuteAsync(check);
        await ExecuteAsync(sql.Write(undo.Run.Effect, columns));
        if (type.UniqueValueFields.Any()) await MoveUniqueValuesAsync(connection, undo, type, sql, cancellationToken);
        return await CountAsync(connection, undo, only?.Length ?? undo.Count, cancellationToken);

        async Task<int> ExecuteAsync(string text)
        {
            await using var command = Command(connection, undo, type, text);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<int> FillAsync()
        {
            await using var command = Command(connection, undo, type, sql.Fill(undo.Run.Effect, only is not null));
            if (only is not null) command.Parameters.AddWithValue("only", only);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<IReadOnlySet<string>> ReadLoggedColumnsAsync()
        {
            if (undo.Run.Effect != ChangeEffect.Updated) return new HashSet<string>();
            await using var command = new NpgsqlCommand(UndoSql.LoggedColumns("select * from undoing"), connection);
            return await ReadTextsAsync(command, cancellationToken);
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

    private async Task HoldTypeAsync(NpgsqlConnection connection, RecordType type, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, type, cancellationToken);
        await using var settings = new NpgsqlCommand(Probe.PlannerSettings, connection);
        await settings.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The runs of the targets after a cursor, at least one. They follow one another without a gap.</summary>
    private async Task<IReadOnlyList<UndoChunk>> ReadRunsAsync(
        NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, SqlText.Of("load-undo-runs"));
        command.Parameters.AddWithValue("from", cursor);
        command.Parameters.AddWithValue("to", cursor + size);
        command.Parameters.AddWithValue("longest", TargetRuns.Length);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<UndoChunk> chunks = [];
        var end = cursor;
        while (await row.ReadAsync(cancellationToken) && row.GetInt64("first") <= end + 1)
        {
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
            chunks.Add(new UndoChunk(end, Math.Min(cursor + size, run.Last), run));
            end = chunks[^1].EndCursor;
        }

        return chunks.Count > 0 ? chunks : throw new JobFailedException("The change log of the job is no longer kept.");
    }

    /// <summary>Restores the records that still hold all that the job left in them.</summary>
    /// <returns>How many, and the indexes of the other targets; null: all.</returns>
    private async Task<(long Restored, long[]? Others)> RestoreUntouchedAsync(
        NpgsqlConnection connection, UndoChunk undo, RecordType type, CancellationToken cancellationToken)
    {
        if (!_untouched.TryGetValue(type.Key, out var sql))
        {
            await using var logged = Command(connection, undo, type, UndoSql.LoggedColumns(UndoSql.Targets));
            _untouched[type.Key] = sql = new UntouchedSql(type, await ReadTextsAsync(logged, cancellationToken));
        }

        if (sql.Columns.Length == 0) return (0, null);
        await using var command = Command(connection, undo, type, sql.Restore);
        command.Parameters.AddWithValue("columns", sql.Columns);
        command.Parameters.AddWithValue("slots", type.CustomFields.Select(field => $"{field.Slot}").ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (restored, others) = (row.GetInt64(0), row.GetFieldValue<long[]>(1));
        if (restored + others.Length != undo.Count) throw new JobFailedException("The change log of the job is no longer kept.");
        // Another statement of the job may have changed other columns.
        if (others.Length > restored) _untouched.Remove(type.Key);
        return (restored, others);
    }

    private static async Task<IReadOnlySet<string>> ReadTextsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        HashSet<string> texts = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) texts.Add(row.GetString(0));
        return texts;
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

    private async Task<LaneCounts> CountAsync(
        NpgsqlConnection connection, UndoChunk chunk, int count, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, UndoSql.Outcomes);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (failed, kept) = (row.GetInt64(0), row.GetInt64(1));
        var done = count - failed - kept;
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
