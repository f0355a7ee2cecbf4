using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>
/// Removes a deleted field's values from the records, then its keys from <c>unique_values</c>, then its row from <c>fields</c>.
/// The cursor counts the values, keys and rows removed. The place is not stored, since a worker that begins anew finds only what is
/// left. Nobody writes such values any more: the field was deleted under the lock that keeps its writers out.
/// </summary>
internal sealed class FieldCleanup(DeletedField? field, Guid account, int chunkSize) : ILaneWork
{
    private const string FindKeys =
        "select key from unique_values where account_id = @account and field_id = @field and key > @after order by key limit @limit";

    private const string RemoveKeys =
        "delete from unique_values where account_id = @account and field_id = @field and key > @after and key <= @last";

    private const string FindField = "select 1 from fields where account_id = @account and id = @field and deleted_at is not null";
    private const string RemoveField = "delete from fields where account_id = @account and id = @field and deleted_at is not null";

    private CleanupPlace _done = CleanupPlace.Start;
    private CleanupChunk? _read;

    public int ChunkSize => chunkSize;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (field is null) return null;
        // If the cursor stands behind the last chunk, that chunk is applied; if not, it is read again.
        if (_read is { } read && read.EndCursor == cursor) _done = read.To;
        _read = await FindValuesAsync(connection, field, cursor, size, cancellationToken)
            ?? await FindKeysAsync(connection, field, cursor, size, cancellationToken)
            ?? await FindFieldAsync(connection, field, cursor, cancellationToken);
        return _read;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var run = (CleanupChunk)chunk;
        await using var command = run switch
        {
            _ when run.From.Record != run.To.Record =>
                Command(connection, Clear(field!.Type), ("slot", Slot(field)), ("after", run.From.Record), ("last", run.To.Record)),
            _ when run.From.Key != run.To.Key =>
                Command(connection, RemoveKeys, ("field", field!.Id), ("after", run.From.Key), ("last", run.To.Key)),
            _ => Command(connection, RemoveField, ("field", field!.Id)),
        };
        var done = await command.ExecuteNonQueryAsync(cancellationToken);
        // Values that others removed since they were read are skipped.
        return new LaneCounts(0, 0, done, run.Count - done, 0);
    }

    // A value that cannot be removed stays where nobody sees it: its slot is never given to another field.
    public Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken) =>
        Task.FromResult(new LaneCounts(0, 0, 0, 0, chunk.Count));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Reads all records page by page. If the statement asked only for those with values, a planner without statistics would read all
    // records for each chunk.
    private async Task<CleanupChunk?> FindValuesAsync(
        NpgsqlConnection connection, DeletedField field, long cursor, int size, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (seen, found, last) = (0, 0, _done.Record);
            await using (var command = Command(connection, Page(field.Type), ("slot", Slot(field)), ("after", last), ("limit", chunkSize)))
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (found < size && await reader.ReadAsync(cancellationToken))
                {
                    (seen, last) = (seen + 1, reader.GetGuid(0));
                    if (reader.GetBoolean(1)) found++;
                }
            }

            if (found > 0) return new CleanupChunk(cursor, found, _done, _done with { Record = last });
            if (seen == 0) return null;
            _done = _done with { Record = last };
        }
    }

    private async Task<CleanupChunk?> FindKeysAsync(
        NpgsqlConnection connection, DeletedField field, long cursor, int size, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, FindKeys, ("field", field.Id), ("after", _done.Key), ("limit", size));
        var (found, last) = (0, _done.Key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) (found, last) = (found + 1, reader.GetString(0));
        return found == 0 ? null : new CleanupChunk(cursor, found, _done, _done with { Key = last });
    }

    private async Task<CleanupChunk?> FindFieldAsync(
        NpgsqlConnection connection, DeletedField field, long cursor, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, FindField, ("field", field.Id));
        return await command.ExecuteScalarAsync(cancellationToken) is null ? null : new CleanupChunk(cursor, 1, _done, _done);
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", account);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private static string Slot(DeletedField field) => FormattableString.Invariant($"{field.Slot}");

    private static string Page(RecordType type) => $"""
        select r.id, r.custom ? @slot from {type.Table} r
        where {type.Owned("r", "@account")} and r.id > @after
        order by r.id limit @limit
        """;

    // In the order of their ids, as every writer locks records. updated_at and updated_by stay, since no user made this change.
    private static string Clear(RecordType type) => $"""
        with locked as (
            select {string.Join(", ", type.OwnerColumns.Select(owner => $"r.{owner.Column}"))}, r.id from {type.Table} r
            where {type.Owned("r", "@account")} and r.id > @after and r.id <= @last and r.custom ? @slot
            order by r.id for update of r)
        update {type.Table} r set custom = r.custom - @slot
        from locked l where {type.Owned("r", "@account")} and {type.SameOwner("r", "l")} and r.id = l.id
        """;
}
