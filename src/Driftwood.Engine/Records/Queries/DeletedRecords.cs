using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Records.Queries;

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
    /// <summary>The same as <see cref="RecordQueries.Timeout"/>; a filter may read every deletion of the type.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    // The index has the log in the order of time, and only deletions of the same time have to be sorted. The planner would rather read
    // and sort all.
    private const string InOrderOfTime = "set_config('enable_sort', 'off', true)";

    /// <summary>At most <paramref name="limit"/> records, the one deleted last first.</summary>
    /// <param name="type">The type of the records, without <see cref="DeletedFields.WithDeletion"/>.</param>
    /// <param name="account">The account of the records.</param>
    /// <param name="filter">
    /// A filter on the type <see cref="DeletedFields.WithDeletion"/>, which finds each record once, by its last deletion; null: every
    /// deletion of a record that is still deleted.
    /// </param>
    /// <param name="after">Null: begin with the last deletion.</param>
    /// <param name="limit">1 or more.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <exception cref="RecordQueryTimeoutException">The list took too long.</exception>
    public Task<IReadOnlyList<DeletedRecord>> ReadAsync(
        RecordType type, Guid account, Filter? filter, DeletionPlace? after, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = account },
                new NpgsqlParameter<string> { TypedValue = type.Key },
                new NpgsqlParameter { Value = type.TypeId is { } id ? id : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new NpgsqlParameter<DateTimeOffset> { TypedValue = after?.At ?? DateTimeOffset.MaxValue },
                new NpgsqlParameter<Guid> { TypedValue = after?.Change ?? Guid.Empty },
                new NpgsqlParameter<int> { TypedValue = after?.Part ?? 0 },
                new NpgsqlParameter<long> { TypedValue = after?.Place ?? 0 },
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        command.CommandText = Write(type, filter, command.Parameters);
        return database.ReadAsync(
            Timeout, command, reader => ReadAsync(type, reader, cancellationToken), cancellationToken,
            filter is null ? null : InOrderOfTime);
    }

    private static string Write(RecordType type, Filter? filter, IList<NpgsqlParameter> parameters)
    {
        var images = new DeletedImages(type);
        var text = SqlText.Of(filter is null ? "deleted-records" : "found-deleted-records")
            .Replace("{records}", type.Table, StringComparison.Ordinal)
            .Replace("{owned}", type.Owned("x", "$1"), StringComparison.Ordinal)
            .Replace("{deleted}", images.Records(filter is null ? "c" : "d"), StringComparison.Ordinal)
            .Replace("{images}", images.Column, StringComparison.Ordinal)
            .Replace("{detail}", images.Detail, StringComparison.Ordinal)
            .Replace("{is_kept}", DeletedImages.IsKept, StringComparison.Ordinal);
        if (filter is null) return text;

        // Conditions on the deletion alone are decided for a row of the log as a whole, and some of them by an index.
        var conditions = (filter is And and ? and.Conditions : [filter]).ToLookup(DeletedFields.AreAllOfDeletion);
        return text
            .Replace("{of_deletion}", All(conditions[true]), StringComparison.Ordinal)
            .Replace("{of_record}", All(conditions[false]), StringComparison.Ordinal);

        string All(IEnumerable<Filter> each) => each.Any() ? FilterSql.Write(And.Of(each), parameters) : "true";
    }

    private static async Task<IReadOnlyList<DeletedRecord>> ReadAsync(
        RecordType type, NpgsqlDataReader row, CancellationToken cancellationToken)
    {
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
