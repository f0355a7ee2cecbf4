using System.Collections.Concurrent;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Records.Types;

/// <summary>
/// The record types of an account: the built-in types with the account's custom fields, and the account's own types. Each lookup
/// asks the database for the current version, so that every node sees a change at once. It reads the fields only for a new version.
/// </summary>
public sealed class RecordTypeCatalog(NpgsqlDataSource database)
{
    /// <summary>Maximum types kept in memory; each takes a few kilobytes.</summary>
    private const int MaxKept = 10_000;

    private readonly ConcurrentDictionary<(Guid Account, string Key), RecordType> _kept = new();

    /// <summary>The type with that key, or null when the account has none.</summary>
    public async Task<RecordType?> FindAsync(Guid account, string key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, account, key, cancellationToken);
    }

    /// <summary>The same on an open connection, inside its transaction if there is one.</summary>
    public async Task<RecordType?> FindAsync(NpgsqlConnection connection, Guid account, string key, CancellationToken cancellationToken)
    {
        var versions = await VersionsAsync(connection, account, key, cancellationToken);
        return versions.TryGetValue(key, out var version)
            ? await ReadAsync(connection, account, key, version, cancellationToken)
            : RecordTypes.Find(key);
    }

    /// <summary>A type as files of its records fill it: contacts come with the account's companies.</summary>
    public async Task<RecordType> WithCompaniesAsync(
        NpgsqlConnection connection, Guid account, RecordType type, CancellationToken cancellationToken)
    {
        if (type.Key != RecordTypes.Contacts.Key) return type;
        return type with { Companies = await FindAsync(connection, account, RecordTypes.Companies.Key, cancellationToken) };
    }

    /// <inheritdoc cref="WithCompaniesAsync(NpgsqlConnection, Guid, RecordType, CancellationToken)"/>
    public async Task<RecordType> WithCompaniesAsync(Guid account, RecordType type, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await WithCompaniesAsync(connection, account, type, cancellationToken);
    }

    /// <summary>All types of the account: first the built-in types, then its own by key.</summary>
    public async Task<IReadOnlyList<RecordType>> ListAsync(Guid account, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ListAsync(connection, account, cancellationToken);
    }

    /// <summary>The same on an open connection, inside its transaction if there is one.</summary>
    public async Task<IReadOnlyList<RecordType>> ListAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken)
    {
        var versions = await VersionsAsync(connection, account, null, cancellationToken);
        List<RecordType> types = [];
        foreach (var key in RecordTypes.BuiltIn.Select(type => type.Key).Union(versions.Keys.Order(StringComparer.Ordinal)))
        {
            var type = versions.TryGetValue(key, out var version)
                ? await ReadAsync(connection, account, key, version, cancellationToken)
                : RecordTypes.Find(key);
            if (type is not null) types.Add(type);
        }

        return types;
    }

    private static async Task<Dictionary<string, long>> VersionsAsync(
        NpgsqlConnection connection, Guid account, string? key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select record_type, version from record_schemas where account_id = $1", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = account } },
        };
        if (key is not null)
        {
            command.CommandText += " and record_type = $2";
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        }

        Dictionary<string, long> versions = [];
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) versions[reader.GetString(0)] = reader.GetInt64(1);
        return versions;
    }

    private async Task<RecordType?> ReadAsync(
        NpgsqlConnection connection, Guid account, string key, long version, CancellationToken cancellationToken)
    {
        if (_kept.TryGetValue((account, key), out var kept) && kept.Version == version) return kept;
        var type = await LoadAsync(connection, account, key, cancellationToken);
        if (type is null) return null;
        if (_kept.Count >= MaxKept) _kept.Clear();
        return _kept[(account, key)] = type;
    }

    // One statement, so that the version and the fields belong together.
    private static async Task<RecordType?> LoadAsync(
        NpgsqlConnection connection, Guid account, string key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("load-record-type"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("key", key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        RecordType? type = null;
        long version = 0;
        List<Field> fields = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(0);
            type ??= reader.IsDBNull(1)
                ? RecordTypes.Find(key)
                : RecordTypes.Custom(
                    reader.GetGuid(1), key, reader.GetString(2), reader.GetBoolean(3), reader.IsDBNull(4) ? null : reader.GetString(4));
            if (!reader.IsDBNull(5)) fields.Add(ReadField(reader));
        }

        return type is null ? null : RecordTypes.Extend(type, fields, version);
    }

    private static Field ReadField(NpgsqlDataReader reader) => CustomFields.Make(
        reader.GetGuid(5), reader.GetInt32(6), reader.GetString(7), reader.GetString(8), CustomFields.Kinds[reader.GetString(9)],
        reader.GetBoolean(10), reader.GetBoolean(11), reader.GetFieldValue<string[]>(12));
}
