using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Records;

/// <summary>
/// Single records of any type. Every statement is bound to an account, so that what belongs to another account is
/// exactly as absent as what never existed. Many records at once go through imports and bulk jobs instead.
/// </summary>
public sealed class RecordStore(NpgsqlDataSource database)
{
    /// <summary>
    /// How long a statement may take before it is cancelled, in whole seconds: one record takes milliseconds, so what
    /// takes longer is waiting for a lock, or counts millions.
    /// </summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The same for a delete, which takes as long as unlinking every contact of a company or source.</summary>
    public TimeSpan DeleteTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Characters after which a page ends before its limit, so that a thousand records with long descriptions do not
    /// have to be in memory at once. Ordinary records have some hundreds.
    /// </summary>
    public int PageCharacters { get; init; } = 4_000_000;

    /// <summary>
    /// Writes a new record on the caller's open connection, inside its transaction if there is one. A record that the
    /// database refuses (not one refused before) has aborted that transaction: it can only be rolled back.
    /// </summary>
    public async Task<RecordWrite> CreateAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid user, RecordValues values, CancellationToken cancellationToken)
    {
        if (values.MissingIn(type).ToList() is { Count: > 0 } missing) return RecordWrite.Refused(missing);
        var sql = RecordSql.Of(type);
        await using var command = Command(connection, sql.Insert, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        AddValues(command, sql, values);
        return await WriteAsync(command, type, cancellationToken);
    }

    /// <summary>The record, or null where the account has none of that id.</summary>
    public async Task<StoredRecord?> GetAsync(RecordType type, Guid account, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await GetAsync(connection, type, account, id, cancellationToken);
    }

    /// <summary>
    /// At most <paramref name="limit"/> records, newest first, that come after the one with the id
    /// <paramref name="after"/>; null begins with the newest.
    /// </summary>
    public async Task<RecordPage> ListAsync(RecordType type, Guid account, Guid? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, RecordSql.Of(type).List, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after ?? Guid.AllBitsSet });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<StoredRecord> records = [];
        long characters = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (records.Count == limit || characters > PageCharacters) return new RecordPage(records, HasMore: true);
            records.Add(RecordRow.Read(type, reader));
            characters += records[^1].Characters;
        }

        return new RecordPage(records, HasMore: false);
    }

    /// <summary>How many records of the type the account has; exact.</summary>
    public async Task<long> CountAsync(RecordType type, Guid account, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, RecordSql.Of(type).Count, account);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Changes the mentioned fields and leaves the others; nothing mentioned changes nothing.</summary>
    public async Task<RecordWrite> UpdateAsync(
        RecordType type, Guid account, Guid user, Guid id, RecordValues values, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (values.IsEmpty)
        {
            return await GetAsync(connection, type, account, id, cancellationToken) is { } kept ? new RecordWrite(kept, []) : RecordWrite.NotFound;
        }

        var blanked = values.BlankedIn(type).ToList();
        if (blanked.Count > 0) return await RefuseIfFoundAsync(connection, type, account, id, blanked, cancellationToken);
        var sql = RecordSql.Of(type);
        await using var command = Command(connection, sql.Update, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. values.Mentioned] });
        AddValues(command, sql, values);
        var written = await WriteAsync(command, type, cancellationToken);
        if (!written.IsMissing || type.AnyOf.Count == 0) return written;
        return await RefuseIfFoundAsync(connection, type, account, id, [RecordValues.NeedsAnyOf(type)], cancellationToken);
    }

    /// <summary>False where the account has no such record.</summary>
    public async Task<bool> DeleteAsync(RecordType type, Guid account, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, RecordSql.Of(type).Delete, account);
        command.CommandTimeout = (int)DeleteTimeout.TotalSeconds;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private async Task<StoredRecord?> GetAsync(NpgsqlConnection connection, RecordType type, Guid account, Guid id, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, RecordSql.Of(type).Get, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? RecordRow.Read(type, reader) : null;
    }

    // A record that is not there has no fields to complain about.
    private async Task<RecordWrite> RefuseIfFoundAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid id, IReadOnlyList<FieldFault> faults, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, RecordSql.Of(type).Exists, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))! ? RecordWrite.Refused(faults) : RecordWrite.NotFound;
    }

    private static async Task<RecordWrite> WriteAsync(NpgsqlCommand command, RecordType type, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? new RecordWrite(RecordRow.Read(type, reader), []) : RecordWrite.NotFound;
        }
        catch (PostgresException refusal) when (RecordConstraints.Read(type, refusal) is not null)
        {
            return RecordWrite.Refused(RecordConstraints.Read(type, refusal)!);
        }
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql, Guid account) => new(sql, connection)
    {
        CommandTimeout = (int)StatementTimeout.TotalSeconds,
        Parameters = { new NpgsqlParameter<Guid> { TypedValue = account } },
    };

    private static void AddValues(NpgsqlCommand command, RecordSql sql, RecordValues values)
    {
        foreach (var field in sql.Columns)
        {
            var value = values[field.Key];
            AddText(command, value);
            if (field.MatchKey is { } kind) AddText(command, value is null ? null : MatchKeys.Of(kind, value));
        }

        var tags = values.Tags ?? TagSet.Empty;
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. tags.Names] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. tags.Keys] });
    }

    private static void AddText(NpgsqlCommand command, string? value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value });
}
