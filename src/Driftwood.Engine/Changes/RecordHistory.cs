using System.Data;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Changes;

/// <summary>A change of a record.</summary>
/// <param name="At">Later changes of the record have later times, in microseconds.</param>
/// <param name="Effect">What happened to the record.</param>
/// <param name="UserId">The user in whose name it happened.</param>
/// <param name="UserName">The user's name; null if the user is gone.</param>
/// <param name="JobId">The import or bulk job; null for a request about the record alone.</param>
/// <param name="RowNumber">The row of the import's file, from 1, or the item of the bulk job, from 0; else null.</param>
/// <param name="Changes">The fields that changed; empty for a created record, and where the job kept no changes.</param>
public sealed record RecordChange(
    DateTimeOffset At, ChangeEffect Effect, Guid UserId, string? UserName, Guid? JobId, long? RowNumber,
    IReadOnlyList<FieldChange> Changes);

/// <summary>Reads the change log of single records.</summary>
public sealed class RecordHistory(NpgsqlDataSource database)
{
    /// <summary>The changes of a record before a time, the last one first. They are known as long as the log is kept.</summary>
    /// <param name="type">The type of the record.</param>
    /// <param name="account">The account of the record.</param>
    /// <param name="id">The record. It may be deleted.</param>
    /// <param name="before">Null: begin with the last change.</param>
    /// <param name="limit">The most changes.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public async Task<IReadOnlyList<RecordChange>> ReadAsync(
        RecordType type, Guid account, Guid id, DateTimeOffset? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            SqlText.Of("record-history").Replace("{details}", ChangeLog.DetailsOf(type, "r.record_id = @id"), StringComparison.Ordinal));
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("type", type.Key);
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("before", before ?? DateTimeOffset.MaxValue);
        command.Parameters.AddWithValue("limit", limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<RecordChange> changes = [];
        while (await row.ReadAsync(cancellationToken))
        {
            changes.Add(new RecordChange(
                row.GetFieldValue<DateTimeOffset>("logged_at"),
                Enum.Parse<ChangeEffect>(row.GetString("effect"), ignoreCase: true),
                row.GetGuid("user_id"),
                row.IsDBNull("user_name") ? null : row.GetString("user_name"),
                row.IsDBNull("job_id") ? null : row.GetGuid("job_id"),
                row.IsDBNull("row_number") ? null : row.GetInt64("row_number"),
                FieldChange.Read(type, row.IsDBNull("detail") ? null : row.GetString("detail"))));
        }

        return changes;
    }
}
