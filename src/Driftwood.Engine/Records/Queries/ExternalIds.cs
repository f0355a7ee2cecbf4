using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Queries;

/// <summary>Looks up the records of an account by their external IDs.</summary>
public static class ExternalIds
{
    /// <summary>The keys that a record has, each with the record, read on an open connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="type">The type of the records.</param>
    /// <param name="account">The account.</param>
    /// <param name="keys">External IDs as match keys.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public static async Task<IReadOnlyDictionary<string, Guid>> FindAsync(
        NpgsqlConnection connection, RecordType type, Guid account, string[] keys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"select r.external_id_key, r.id from {type.Table} r where {type.Owned("r", "@account")} and r.external_id_key = any(@keys)",
            connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("keys", keys);
        Dictionary<string, Guid> found = new(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) found.Add(reader.GetString(0), reader.GetGuid(1));
        return found;
    }
}
