using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// Single records of any type. Every statement is bound to an account, so that a record of another account looks exactly like
/// a record that never existed. Imports and bulk jobs handle many records at once.
/// </summary>
public sealed class RecordStore(NpgsqlDataSource database)
{
    /// <summary>
    /// How long a statement may take before it is cancelled, in whole seconds. One record takes milliseconds, so a slower
    /// statement is waiting for a lock.
    /// </summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The same for a delete. A delete may have to unlink every contact of a company or source.</summary>
    public TimeSpan DeleteTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Writes a new record on the caller's open connection, inside its transaction. When the database itself refuses the record,
    /// the transaction is broken and can only be rolled back. An earlier refusal leaves the transaction usable.
    /// </summary>
    /// <exception cref="RecordTypeChangedException">The type's fields have changed since it was read.</exception>
    public async Task<RecordWrite> CreateAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid user, RecordValues values, CancellationToken cancellationToken)
    {
        if (values.MissingIn(type).ToList() is { Count: > 0 } missing) return RecordWrite.Refused(missing);
        await RecordSchemaLock.HoldAsync(connection, account, type, cancellationToken);
        // After the lock: a change of the type needs the row that holds the next number, and this statement would wait for it.
        if (type.Autonumber is { } pattern)
        {
            values.SetName(pattern.Name(await Autonumbers.ReserveAsync(connection, account, type, 1, cancellationToken)));
        }

        var sql = RecordSql.Of(type);
        var id = Guid.CreateVersion7();
        RecordWrite written;
        await using (var command = Command(connection, sql.Insert, account))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
            AddValues(command, type, sql, values);
            written = await WriteAsync(command, type, cancellationToken);
        }

        return written.Record is null
            ? written
            : await TakeUniqueValuesAsync(connection, type, account, id, values, written, cancellationToken);
    }

    /// <summary>The record, or null when the account has no record with that id.</summary>
    public async Task<StoredRecord?> GetAsync(RecordType type, Guid account, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await GetAsync(connection, type, account, id, cancellationToken);
    }

    /// <summary>
    /// Changes the mentioned fields and leaves the others, on the caller's open connection, inside its transaction. If they have their
    /// values already, nothing is written, and <c>updated_at</c> stays. A refused change must be rolled back.
    /// </summary>
    /// <exception cref="RecordTypeChangedException">The type's fields have changed since it was read. Nothing is written.</exception>
    public async Task<RecordWrite> UpdateAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid user, Guid id, RecordValues values,
        CancellationToken cancellationToken)
    {
        if (values.IsEmpty)
        {
            return await GetAsync(connection, type, account, id, cancellationToken) is { } kept
                ? new RecordWrite(kept, [])
                : RecordWrite.NotFound;
        }

        var blanked = values.BlankedIn(type).ToList();
        if (blanked.Count > 0) return await RefuseIfFoundAsync(connection, type, account, id, blanked, cancellationToken);
        await RecordSchemaLock.HoldAsync(connection, account, type, cancellationToken);
        var written = await WriteChangesAsync(connection, type, account, user, id, values, cancellationToken);
        if (written.Record is not null)
            return await TakeUniqueValuesAsync(connection, type, account, id, values, written, cancellationToken);
        if (!written.IsMissing || type.AnyOf.Count == 0) return written;
        return await RefuseIfFoundAsync(connection, type, account, id, [RecordValues.NeedsAnyOf(type)], cancellationToken);
    }

    /// <summary>
    /// Deletes a record, on the caller's open connection, inside its transaction. Returns false when the account has no such record.
    /// </summary>
    /// <exception cref="RecordTypeChangedException">The type's fields have changed since it was read. Nothing is written.</exception>
    public async Task<bool> DeleteAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid user, Guid id, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, account, type, cancellationToken);
        var sql = RecordSql.Of(type);
        if (sql.Unlink is { } unlink)
        {
            // Nobody can link a record that is locked. So the next statement finds all links.
            await DeleteAsync(connection, sql.Lock, account, user, id, cancellationToken);
            await DeleteAsync(connection, unlink, account, user, id, cancellationToken);
        }

        var deleted = await DeleteAsync(connection, sql.Delete, account, user, id, cancellationToken) > 0;
        if (deleted && type.UniqueValueFields.Any())
        {
            await GiveUpUniqueValuesAsync(connection, account, id, type.UniqueValueFields, cancellationToken);
        }

        return deleted;
    }

    private async Task<long> DeleteAsync(
        NpgsqlConnection connection, string text, Guid account, Guid user, Guid id, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, account);
        command.CommandTimeout = (int)DeleteTimeout.TotalSeconds;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<RecordWrite> WriteChangesAsync(
        NpgsqlConnection connection,
        RecordType type,
        Guid account,
        Guid user,
        Guid id,
        RecordValues values,
        CancellationToken cancellationToken)
    {
        var sql = RecordSql.Of(type);
        await using var command = Command(connection, sql.Update, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = user });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. values.Mentioned] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = values.MentionedSlots(type) });
        AddValues(command, type, sql, values);
        return await WriteAsync(command, type, cancellationToken);
    }

    /// <summary>
    /// Replaces the record's earlier unique values with the mentioned ones. If another transaction takes the same value at the
    /// same time, this one waits for it and is refused if it commits.
    /// </summary>
    private async Task<RecordWrite> TakeUniqueValuesAsync(
        NpgsqlConnection connection,
        RecordType type,
        Guid account,
        Guid id,
        RecordValues values,
        RecordWrite written,
        CancellationToken cancellationToken)
    {
        var mentioned = type.UniqueValueFields.Where(field => values.Has(field.Key)).ToList();
        if (mentioned.Count == 0) return written;
        await GiveUpUniqueValuesAsync(connection, account, id, mentioned, cancellationToken);
        var taken = mentioned
            .Select(field => (Field: field, Key: values[field.Key] is { } value ? MatchKeys.Of(field.MatchKey!.Value, value) : null))
            .Where(pair => pair.Key is not null)
            .ToList();
        await using var command = Command(
            connection,
            SqlText.Of("take-unique-values"),
            account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. taken.Select(pair => pair.Field.UniqueId!.Value)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. taken.Select(pair => pair.Key!)] });
        HashSet<Guid> stored = [];
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) stored.Add(reader.GetGuid(0));
        }

        List<Fault> clashes =
        [
            .. taken.Where(pair => !stored.Contains(pair.Field.UniqueId!.Value))
                .Select(pair => RecordConstraints.Duplicate(type, pair.Field, values.PathOf(pair.Field))),
        ];
        return clashes.Count == 0 ? written : RecordWrite.Refused(clashes);
    }

    private async Task GiveUpUniqueValuesAsync(
        NpgsqlConnection connection, Guid account, Guid id, IEnumerable<Field> fields, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection, "delete from unique_values where account_id = $1 and record_id = $2 and field_id = any ($3)", account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. fields.Select(field => field.UniqueId!.Value)] });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<StoredRecord?> GetAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid id, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, RecordSql.Of(type).Get, account);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? RecordRow.Read(type, reader) : null;
    }

    // A missing record has no fields to report faults for.
    private async Task<RecordWrite> RefuseIfFoundAsync(
        NpgsqlConnection connection,
        RecordType type,
        Guid account,
        Guid id,
        IReadOnlyList<Fault> faults,
        CancellationToken cancellationToken)
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

    private static void AddValues(NpgsqlCommand command, RecordType type, RecordSql sql, RecordValues values)
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
        AddText(command, values.CustomJson(type));
    }

    private static void AddText(NpgsqlCommand command, string? value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value });
}
