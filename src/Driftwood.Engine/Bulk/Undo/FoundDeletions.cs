using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// The targets of a restore that names no ids: the records in the recycle bin whose last deletion a job made, or that a filter finds. One
/// lane has them all. Of two records that had the same unique value, the one that was deleted last comes back.
/// </summary>
/// <param name="type">The type of the records, without <see cref="WithDeletion"/>.</param>
/// <param name="by">The job that deleted them; null for any.</param>
/// <param name="filter">A filter on the type <see cref="WithDeletion"/>; null for all.</param>
public sealed class FoundDeletions(RecordType type, Guid? by, Filter? filter) : IBulkTargets
{
    private static readonly Field[] Deletion =
    [
        new("deleted_at", "Deleted At", FieldKind.DateTime) { MaxLength = 0, Required = true },
        new("deleted_by", "Deleted By", FieldKind.Reference) { MaxLength = 0, Required = true },
        new("deleted_by_job", "Deleted By Job", FieldKind.Reference) { MaxLength = 0 },
    ];

    // The change log does not keep the stamps of a record's last change.
    private static readonly Field[] Stamps =
        [.. Deletion, .. RecordType.Stamps.Where(stamp => stamp.Key.StartsWith("created_", StringComparison.Ordinal)), .. RecordType.Jobs];

    public long? Listed => null;

    public bool AreResolvedByJob => true;

    public bool AreOrdered => true;

    public int LanesUsed(long count, int lanes) => 1;

    /// <summary>
    /// The same type as a filter on deleted records sees it: with when, by whom and by which job a record was deleted. Deleted records hold
    /// no unique values, so those of custom fields are compared as they are written.
    /// </summary>
    public static RecordType WithDeletion(RecordType type) => type with
    {
        Fields = [.. type.Fields.Select(field => field with { UniqueId = null })],
        OwnFields = Stamps,
    };

    public async Task<long> StoreAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken)
    {
        List<NpgsqlParameter> parameters =
        [
            Id(accountId), Id(jobId), new NpgsqlParameter<string> { TypedValue = type.Key }, Id(type.TypeId), Id(by),
        ];
        var condition = filter is null ? "true" : FilterSql.Write(filter, parameters);
        var text = SqlText.Of("store-found-deletions")
            .Replace("{records}", type.Table, StringComparison.Ordinal)
            .Replace("{owned}", type.Owned("x", "$1"), StringComparison.Ordinal)
            .Replace("{json}", ChangeLog.Json("d.detail"), StringComparison.Ordinal)
            .Replace("{condition}", condition, StringComparison.Ordinal);
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        parameters.ForEach(parameter => command.Parameters.Add(parameter));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static NpgsqlParameter Id(Guid? id) =>
        new() { Value = id is { } known ? known : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid };
}
