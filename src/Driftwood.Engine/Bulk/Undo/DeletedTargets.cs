using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>The targets of a restore: deleted records, each with its last deletion in the change log. One lane has them all.</summary>
public static class DeletedTargets
{
    /// <summary>Stores the targets in the connection's transaction.</summary>
    /// <param name="connection">With a transaction.</param>
    /// <param name="type">The type of the records.</param>
    /// <param name="account">The account of the job.</param>
    /// <param name="job">The job.</param>
    /// <param name="ids">At least one id.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <returns>The number of targets, and up to twenty ids whose deletion the change log does not have.</returns>
    public static async Task<(long Count, IReadOnlyList<Guid> Unknown)> StoreAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid job, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            SqlText.Of("store-deleted-targets")
                .Replace("{deleted}", new DeletedImages(type).Records("c"), StringComparison.Ordinal)
                .Replace("{is_kept}", DeletedImages.IsKept, StringComparison.Ordinal),
            connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("type", type.Key);
        command.Parameters.AddWithValue("type_id", NpgsqlDbType.Uuid, type.TypeId is { } id ? id : DBNull.Value);
        command.Parameters.AddWithValue("ids", ids);
        command.Parameters.AddWithValue("first", ids.Min());
        command.Parameters.AddWithValue("last", ids.Max());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetFieldValue<Guid[]>(1));
    }

    /// <summary>Whether the change log has deletions of records of the type by the job.</summary>
    public static async Task<bool> AnyByAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("has-deletion-by-job"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("type", type.Key);
        command.Parameters.AddWithValue("type_id", NpgsqlDbType.Uuid, type.TypeId is { } id ? id : DBNull.Value);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
