using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Changes;

/// <summary>A place in the list of deleted records: the deletion after which a page begins.</summary>
/// <param name="At">The time of the deletion.</param>
/// <param name="Change">The statement that deleted the record.</param>
/// <param name="Part">The part of its log.</param>
/// <param name="Place">The place of the record there, from 1.</param>
public sealed record DeletionPlace(DateTimeOffset At, Guid Change, int Part, long Place);

/// <summary>A record that was deleted and has not come back.</summary>
/// <param name="Id">The record.</param>
/// <param name="DeletedAt">When it was deleted.</param>
/// <param name="DeletedBy">The user in whose name it was deleted.</param>
/// <param name="DeletedByName">The user's name; null if the user is gone.</param>
/// <param name="JobId">The job that deleted it; null for a request about the record alone.</param>
/// <param name="Fields">What it held: each field that was not blank, custom ones after <c>custom.</c>. Empty if that was not kept.</param>
public sealed record DeletedRecord(
    Guid Id, DateTimeOffset DeletedAt, Guid DeletedBy, string? DeletedByName, Guid? JobId, IReadOnlyDictionary<string, JsonElement?> Fields)
{
    /// <summary>Its place in the list. Every record that was read has one.</summary>
    [JsonIgnore]
    public DeletionPlace? Place { get; init; }
}

/// <summary>Lists deleted records from the change log, as long as that is kept.</summary>
public sealed class DeletedRecords(NpgsqlDataSource database)
{
    /// <summary>At most <paramref name="limit"/> records, the one deleted last first.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="account">The account of the records.</param>
    /// <param name="after">Null: begin with the last deletion.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public async Task<IReadOnlyList<DeletedRecord>> ReadAsync(
        RecordType type, Guid account, DeletionPlace? after, int limit, CancellationToken cancellationToken)
    {
        var text = SqlText.Of("deleted-records")
            .Replace("{records}", type.Table, StringComparison.Ordinal)
            .Replace("{owned}", type.Owned("r", "@account"), StringComparison.Ordinal);
        await using var command = database.CreateCommand(text);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("type", type.Key);
        command.Parameters.AddWithValue("type_id", NpgsqlDbType.Uuid, type.TypeId is { } id ? id : DBNull.Value);
        command.Parameters.AddWithValue("before", after?.At ?? DateTimeOffset.MaxValue);
        command.Parameters.AddWithValue("after_id", after?.Change ?? Guid.Empty);
        command.Parameters.AddWithValue("after_part", after?.Part ?? 0);
        command.Parameters.AddWithValue("after_place", after?.Place ?? 0);
        command.Parameters.AddWithValue("limit", limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<DeletedRecord> records = [];
        while (await row.ReadAsync(cancellationToken))
        {
            var at = row.GetFieldValue<DateTimeOffset>("logged_at");
            var held = FieldChange.Read(type, row.IsDBNull("detail") ? null : row.GetString("detail"));
            records.Add(new DeletedRecord(
                row.GetGuid("record_id"),
                at,
                row.GetGuid("user_id"),
                row.IsDBNull("user_name") ? null : row.GetString("user_name"),
                row.IsDBNull("job_id") ? null : row.GetGuid("job_id"),
                held.ToDictionary(change => change.Field, change => change.Before))
            {
                Place = new DeletionPlace(at, row.GetGuid("id"), row.GetInt32("part"), row.GetInt64("place")),
            });
        }

        return records;
    }
}
