using System.Data;
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
internal sealed class UndoLane(RecordTypeCatalog types, LaneRef lane, Guid userId, long targets, SqlDialect dialect) : ILaneWork
{
    // Runs in one transaction. Each takes a few statements, and more than a few runs of full length are hardly faster.
    private const int MaxRuns = 4;

    private readonly Dictionary<string, (RecordType Type, UndoSql Sql)?> _types = [];
    private readonly UndoCommands _commands = new(lane, userId, dialect);
    private readonly UntouchedRuns _untouched = new(new UndoCommands(lane, userId, dialect), dialect);

    public int ChunkSize => MaxRuns * ChangeLog.Length;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (cursor >= targets) return null;
        var runs = await ReadRunsAsync(connection, cursor, size, cancellationToken);
        return new UndoChunks(runs) { IsLast = runs[^1].EndCursor == targets };
    }

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

    /// <summary>Takes back targets of one run over the temporary table.</summary>
    /// <param name="connection">With the lane's transaction.</param>
    /// <param name="undo">The targets.</param>
    /// <param name="only">The indexes of some of them; null: all.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<LaneCounts> TakeBackAsync(
        NpgsqlConnection connection, UndoChunk undo, long[]? only, CancellationToken cancellationToken) =>
        await HoldTypeAsync(connection, undo, cancellationToken) is var (type, sql)
            ? await TakeBackAsync(connection, undo, only, type, sql, cancellationToken)
            : await RejectAsync(connection, undo, NoType(undo), cancellationToken);

    /// <summary>Takes back the targets of one run, most of them by one statement.</summary>
    private async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, UndoChunk undo, CancellationToken cancellationToken)
    {
        if (await HoldTypeAsync(connection, undo, cancellationToken) is not var (type, sql))
            return await RejectAsync(connection, undo, NoType(undo), cancellationToken);
        if (undo.Run.Effect == ChangeEffect.Deleted && await _untouched.BringBackAsync(connection, undo, type, sql, cancellationToken))
            return new LaneCounts(undo.Count, 0, 0, 0, 0);
        if (undo.Run.Effect != ChangeEffect.Updated)
            return await TakeBackAsync(connection, undo, only: null, type, sql, cancellationToken);
        var (restored, others) = await _untouched.RestoreAsync(connection, undo, type, cancellationToken);
        var counts = new LaneCounts(0, restored, 0, 0, 0);
        if (restored == undo.Count) return counts;
        return counts + await TakeBackAsync(connection, undo, others, type, sql, cancellationToken);
    }

    private async Task<LaneCounts> TakeBackAsync(
        NpgsqlConnection connection, UndoChunk undo, long[]? only, RecordType type, UndoSql sql, CancellationToken cancellationToken)
    {
        await ExecuteAsync(UndoSql.NewTable);
        if (await FillAsync() != (only?.Length ?? undo.Count)) throw new JobFailedException("The change log of the job is no longer kept.");
        await ExecuteAsync(sql.Lock);
        var columns = await ReadLoggedColumnsAsync(connection, undo, cancellationToken);
        await JudgeAsync();
        foreach (var check in sql.Checks(undo.Run.Effect)) await ExecuteAsync(check);
        await ExecuteAsync(sql.Write(undo.Run.Effect, columns));
        if (type.UniqueValueFields.Any()) await MoveUniqueValuesAsync(connection, undo, type, sql, cancellationToken);
        return await CountAsync(connection, undo, only?.Length ?? undo.Count, cancellationToken);

        async Task<int> ExecuteAsync(string text)
        {
            await using var command = _commands.Of(connection, undo, type, text);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<int> FillAsync()
        {
            await using var command = _commands.Of(connection, undo, type, sql.Fill(undo.Run.Effect, only is not null));
            if (only is not null) command.Parameters.AddWithValue("only", only);
            return await command.ExecuteNonQueryAsync(cancellationToken);
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

    private static async Task<IReadOnlySet<string>> ReadLoggedColumnsAsync(
        NpgsqlConnection connection, UndoChunk undo, CancellationToken cancellationToken)
    {
        if (undo.Run.Effect != ChangeEffect.Updated) return new HashSet<string>();
        await using var command = new NpgsqlCommand(UndoSql.LoggedColumns("select * from undoing"), connection);
        return await UndoCommands.ReadTextsAsync(command, cancellationToken);
    }

    public async Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken)
    {
        await using var command = _commands.Of(connection, TargetSql.Reject);
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
        return _types[run.RecordType] = type is null || type.TypeId != run.TypeId ? null : (type, new UndoSql(type, dialect));
    }

    /// <summary>Finds the type of a run's records, and keeps it as it is until the transaction ends; null if it was deleted.</summary>
    private async Task<(RecordType Type, UndoSql Sql)?> HoldTypeAsync(
        NpgsqlConnection connection, UndoChunk undo, CancellationToken cancellationToken)
    {
        if (await FindTypeAsync(connection, undo.Run, cancellationToken) is not { } found) return null;
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, found.Type, cancellationToken, Probe.SettingsFor(dialect));
        return found;
    }

    private static Fault NoType(UndoChunk undo) => new("not_found", $"The record type {undo.Run.RecordType} is no longer there.");

    /// <summary>
    /// A few runs of the targets after a cursor, at least one. They follow one another without a gap, and have the same effect: a record
    /// that came back in the same transaction as it was changed would look unchanged later.
    /// </summary>
    private async Task<IReadOnlyList<UndoChunk>> ReadRunsAsync(
        NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        await using var command = _commands.Of(connection, SqlText.Of("load-undo-runs"));
        command.Parameters.AddWithValue("from", cursor);
        command.Parameters.AddWithValue("to", cursor + size);
        command.Parameters.AddWithValue("longest", TargetRuns.Length);
        command.Parameters.AddWithValue("most", MaxRuns);
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
            if (chunks.Count > 0 && chunks[0].Run.Effect != run.Effect) break;
            chunks.Add(new UndoChunk(end, Math.Min(cursor + size, run.Last), run));
            end = chunks[^1].EndCursor;
        }

        return chunks.Count > 0 ? chunks : throw new JobFailedException("The change log of the job is no longer kept.");
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
        await using (var giveUp = _commands.Of(connection, chunk, type, sql.GiveUpUniqueValues))
        {
            await giveUp.ExecuteNonQueryAsync(cancellationToken);
        }

        if (chunk.Run.Effect == ChangeEffect.Created) return;
        List<(Guid Field, string Key, Guid Record)> held = [];
        await using (var read = _commands.Of(connection, chunk, type, sql.UniqueTexts))
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

        await using var take = _commands.Of(connection, chunk, type, sql.TakeUniqueValues);
        take.Parameters.AddWithValue("fields", held.ConvertAll(value => value.Field));
        take.Parameters.AddWithValue("keys", NpgsqlDbType.Array | NpgsqlDbType.Text, held.ConvertAll(value => value.Key));
        take.Parameters.AddWithValue("records", held.ConvertAll(value => value.Record));
        await take.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<LaneCounts> CountAsync(
        NpgsqlConnection connection, UndoChunk chunk, int count, CancellationToken cancellationToken)
    {
        await using var command = _commands.Of(connection, UndoSql.Outcomes);
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
}
