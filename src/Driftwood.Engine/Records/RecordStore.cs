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

    /// <summary>
    /// Writes a new record on the caller's open connection, inside its transaction if there is one. A record that the
    /// database refuses (not one refused before) has aborted that transaction: it can only be rolled back.
    /// </summary>
    public async Task<RecordWrite> CreateAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid user, RecordValues values, CancellationToken cancellation)
    {
        if (values.MissingIn(type).ToList() is { Count: > 0 } missing) return RecordWrite.Refused(missing);
        var sql = RecordSql.Of(type);
        await using var command = Command(connection, sql.Insert, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        AddValues(command, sql, values);
        return await WriteAsync(command, type, cancellation);
    }

    /// <summary>The record, or null where the account has none of that id.</summary>
    public async Task<StoredRecord?> GetAsync(RecordType type, Guid account, Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await GetAsync(connection, type, account, id, cancellation);
    }

    /// <summary>
    /// At most <paramref name="limit"/> records, newest first, that come after the one with the id
    /// <paramref name="after"/>; null begins with the newest.
    /// </summary>
    public async Task<IReadOnlyList<StoredRecord>> ListAsync(RecordType type, Guid account, Guid? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(connection, RecordSql.Of(type).List, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after ?? Guid.AllBitsSet });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StoredRecord> records = [];
        while (await reader.ReadAsync(cancellation)) records.Add(RecordRow.Read(type, reader));
        return records;
    }

    /// <summary>How many records of the type the account has; exact.</summary>
    public async Task<long> CountAsync(RecordType type, Guid account, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(connection, RecordSql.Of(type).Count, account);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Changes the mentioned fields and leaves the others; nothing mentioned changes nothing.</summary>
    public async Task<RecordWrite> UpdateAsync(
        RecordType type, Guid account, Guid user, Guid id, RecordValues values, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (values.IsEmpty)
        {
            return await GetAsync(connection, type, account, id, cancellation) is { } kept ? new RecordWrite(kept, []) : RecordWrite.NotFound;
        }

        var blanked = values.BlankedIn(type).ToList();
        if (blanked.Count > 0) return await RefuseIfFoundAsync(connection, type, account, id, blanked, cancellation);
        var sql = RecordSql.Of(type);
        await using var command = Command(connection, sql.Update, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. values.Mentioned] });
        AddValues(command, sql, values);
        var written = await WriteAsync(command, type, cancellation);
        if (!written.IsMissing || type.AnyOf.Count == 0) return written;
        return await RefuseIfFoundAsync(connection, type, account, id, [RecordValues.NeedsAnyOf(type)], cancellation);
    }

    /// <summary>False where the account has no such record.</summary>
    public async Task<bool> DeleteAsync(RecordType type, Guid account, Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(connection, RecordSql.Of(type).Delete, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    private async Task<StoredRecord?> GetAsync(NpgsqlConnection connection, RecordType type, Guid account, Guid id, CancellationToken cancellation)
    {
        await using var command = Command(connection, RecordSql.Of(type).Get, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? RecordRow.Read(type, reader) : null;
    }

    // A record that is not there has no fields to complain about.
    private async Task<RecordWrite> RefuseIfFoundAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid id, IReadOnlyList<FieldFault> faults, CancellationToken cancellation)
    {
        await using var command = Command(connection, RecordSql.Of(type).Exists, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return (bool)(await command.ExecuteScalarAsync(cancellation))! ? RecordWrite.Refused(faults) : RecordWrite.NotFound;
    }

    private static async Task<RecordWrite> WriteAsync(NpgsqlCommand command, RecordType type, CancellationToken cancellation)
    {
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation) ? new RecordWrite(RecordRow.Read(type, reader), []) : RecordWrite.NotFound;
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
