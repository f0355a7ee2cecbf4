using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// Adds or removes all values of a field when the field becomes unique or stops being unique. The caller's transaction holds
/// <see cref="RecordSchemaLock.TakeAsync"/>, so that nobody writes records of the type meanwhile.
/// </summary>
public static class UniqueValues
{
    /// <summary>Maximum conflicts that are reported.</summary>
    public const int MaxListed = 20;

    /// <summary>Maximum records that are named in a conflict.</summary>
    public const int MaxListedIds = 3;

    /// <summary>Records read at a time: at 255 characters of four bytes each, ten megabytes at the most.</summary>
    private const int PageRecords = 10_000;

    private const string CopyCandidates = "copy unique_candidates (record_id, key, value) from stdin (format binary)";

    // Inserts in the order of the primary key, so that its pages are written one after the other.
    private const string EnterCandidates =
        """
        insert into unique_values (account_id, field_id, key, record_id)
        select @account, @field, key, record_id from unique_candidates order by key
        """;

    private const string RemoveValues = "delete from unique_values where account_id = @account and field_id = @field";

    /// <summary>
    /// Enters the value of every record that has one. If there are conflicts, it enters nothing and returns them: the values that
    /// are too long, or else the values that several records share.
    /// </summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="account">The account of the records.</param>
    /// <param name="type">The record type.</param>
    /// <param name="field">The field in its new state: unique, with its <see cref="Field.UniqueId"/>; custom, or the name.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<IReadOnlyList<UniqueConflict>> EnterAsync(
        NpgsqlConnection connection, Guid account, RecordType type, Field field, CancellationToken cancellationToken)
    {
        await using (var create = Command(connection, SqlText.Of("unique-candidates")))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        var tooLong = await CollectAsync(connection, account, type, field, cancellationToken);
        if (tooLong.Count > 0) return tooLong;
        var shared = await FindSharedAsync(connection, cancellationToken);
        if (shared.Count > 0) return shared;
        await using var enter = Command(connection, EnterCandidates, ("account", account), ("field", field.UniqueId!.Value));
        await enter.ExecuteNonQueryAsync(cancellationToken);
        return [];
    }

    /// <summary>Removes all values of a field that is no longer unique.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="account">The account of the field.</param>
    /// <param name="uniqueId">The <see cref="Field.UniqueId"/> that the field had while it was unique.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public static async Task RemoveAsync(NpgsqlConnection connection, Guid account, Guid uniqueId, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, RemoveValues, ("account", account), ("field", uniqueId));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Fills the candidates page by page. Returns the first values that are too long.</summary>
    private static async Task<List<UniqueConflict>> CollectAsync(
        NpgsqlConnection connection, Guid account, RecordType type, Field field, CancellationToken cancellationToken)
    {
        List<UniqueConflict> tooLong = [];
        List<(Guid Record, string Value)> page = [];
        var after = Guid.Empty;
        do
        {
            await ReadPageAsync(connection, account, type, field, after, page, cancellationToken);
            if (page.Count == 0) break;
            after = page[^1].Record;
            tooLong.AddRange(page
                .Where(value => !Fits(value.Value))
                .Select(value => new UniqueConflict(value.Value, 1, [value.Record], IsTooLong: true)));
            if (tooLong.Count == 0) await CopyAsync(connection, field.MatchKey!.Value, page, cancellationToken);
        }
        while (page.Count == PageRecords && tooLong.Count < MaxListed);

        return [.. tooLong.Take(MaxListed)];
    }

    private static async Task ReadPageAsync(
        NpgsqlConnection connection,
        Guid account,
        RecordType type,
        Field field,
        Guid after,
        List<(Guid Record, string Value)> page,
        CancellationToken cancellationToken)
    {
        page.Clear();
        await using var command = Command(connection, Page(type, field), ("account", account), ("after", after), ("limit", PageRecords));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) page.Add((reader.GetGuid(0), reader.GetString(1)));
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, MatchKeyKind kind, List<(Guid Record, string Value)> page, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CopyCandidates, cancellationToken);
        foreach (var (record, value) in page)
        {
            if (MatchKeys.Of(kind, value) is not { } key) continue;
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(record, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(key, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(value, NpgsqlDbType.Text, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task<List<UniqueConflict>> FindSharedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, SqlText.Of("shared-candidates"), ("keys", MaxListed), ("ids", MaxListedIds));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<UniqueConflict> shared = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            shared.Add(new UniqueConflict(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<Guid[]>(2), IsTooLong: false));
        }

        return shared;
    }

    private static bool Fits(string value) =>
        value.Length <= CustomFields.MaxUniqueLength || value.EnumerateRunes().Count() <= CustomFields.MaxUniqueLength;

    // Reads one character more than the maximum, to detect values that are too long. It reads the value in stored form and never
    // as a typed value, because the text of a typed value depends on the session's settings.
    private static string Page(RecordType type, Field field)
    {
        var value = field.Slot is { } slot ? FormattableString.Invariant($"r.custom ->> '{slot}'") : $"r.{field.Key}";
        return $"""
            select r.id, left({value}, {CustomFields.MaxUniqueLength + 1}) from {type.Table} r
            where {type.Owned("r", "@account")} and r.id > @after and {value} is not null
            order by r.id limit @limit
            """;
    }

    // No time limit: it reads every record of the type, and the caller may cancel.
    private static NpgsqlCommand Command(
        NpgsqlConnection connection, string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 };
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
