using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// The targets of a restore that names no ids: the records in the recycle bin whose last deletion a job made, or that a filter finds. One
/// lane has them all. Of two records that had the same unique value, the one that was deleted last comes back.
/// </summary>
/// <param name="type">The type of the records, without <see cref="DeletedFields.WithDeletion"/>.</param>
/// <param name="by">The job that deleted them; null for any.</param>
/// <param name="filter">A filter on the type <see cref="DeletedFields.WithDeletion"/>; null for all.</param>
public sealed class FoundDeletions(RecordType type, Guid? by, Filter? filter) : IBulkTargets
{
    public long? Listed => null;

    public bool AreResolvedByJob => true;

    public bool AreOrdered => true;

    public int LanesUsed(long count, int lanes) => 1;

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
            .Replace("{deleted}", new DeletedImages(type).Records("c"), StringComparison.Ordinal)
            .Replace("{is_kept}", DeletedImages.IsKept, StringComparison.Ordinal)
            .Replace("{condition}", condition, StringComparison.Ordinal);
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        parameters.ForEach(parameter => command.Parameters.Add(parameter));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static NpgsqlParameter Id(Guid? id) =>
        new() { Value = id is { } known ? known : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid };
}
