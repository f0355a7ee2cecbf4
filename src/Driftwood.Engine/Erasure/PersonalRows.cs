using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Erasure;

/// <summary>Records that are erased: what identifies them, now and in the change log, and the rows of jobs that were about them.</summary>
/// <param name="Data">What identifies them.</param>
/// <param name="Rows">For each job that touched them, the numbers of its rows or items.</param>
internal sealed record PersonalRows(PersonalData Data, IReadOnlyDictionary<Guid, HashSet<long>> Rows)
{
    private static readonly HashSet<long> None = [];

    /// <summary>The numbers of a job's rows or items that were about the records.</summary>
    public IReadOnlySet<long> Of(Guid job) => Rows.GetValueOrDefault(job, None);

    /// <summary>Reads the records and the change log.</summary>
    public static async Task<PersonalRows> ReadAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid[] ids, CancellationToken cancellationToken)
    {
        List<string> addresses = [], keys = [];
        var fields = type.Fields.Where(field => IsAddress(field) || IsKey(field)).ToList();
        await ReadRecordsAsync(connection, type, account, ids, fields, Add, cancellationToken);
        var rows = await ReadLogAsync(connection, type, account, ids, Add, cancellationToken);
        return new PersonalRows(new PersonalData(ids, addresses, keys), rows);

        void Add(Field field, string value) => (IsAddress(field) ? addresses : keys).Add(value);
    }

    /// <summary>The parameters by which statements find records and their rows of the change log.</summary>
    public static void AddParameters(NpgsqlCommand command, RecordType type, Guid account, Guid[] ids)
    {
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("type", type.Key);
        command.Parameters.AddWithValue("type_id", NpgsqlDbType.Uuid, type.TypeId is { } id ? id : DBNull.Value);
        command.Parameters.AddWithValue("ids", ids);
        command.Parameters.AddWithValue("first", ids.Min());
        command.Parameters.AddWithValue("last", ids.Max());
    }

    private static bool IsAddress(Field field) => field.Kind is FieldKind.Email or FieldKind.Phone;

    // A company's domain is part of the addresses of its people.
    private static bool IsKey(Field field) =>
        field is { IsCustom: true, Unique: true, SqlType: "text", Kind: not FieldKind.Url } or { Key: "external_id" };

    private static async Task ReadRecordsAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid[] ids, List<Field> fields, Action<Field, string> add,
        CancellationToken cancellationToken)
    {
        if (fields.Count == 0) return;
        var values = string.Join(", ", fields.Select(field => field.ValueSql("r")));
        var text = $"select {values} from {type.Table} r where {type.Owned("r", "@account")} and r.id = any (@ids)";
        await using var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("ids", ids);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < fields.Count; i++)
            {
                if (!row.IsDBNull(i)) add(fields[i], row.GetString(i));
            }
        }
    }

    private static async Task<Dictionary<Guid, HashSet<long>>> ReadLogAsync(
        NpgsqlConnection connection, RecordType type, Guid account, Guid[] ids, Action<Field, string> add,
        CancellationToken cancellationToken)
    {
        Dictionary<Guid, HashSet<long>> rows = [];
        await using var command = new NpgsqlCommand(
            SqlText.Of("read-personal-rows")
                .Replace("{details}", ChangeLog.DetailsOf(type, "r.record_id = any (@ids)"), StringComparison.Ordinal),
            connection);
        AddParameters(command, type, account, ids);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            if (!row.IsDBNull(0) && !row.IsDBNull(1))
            {
                if (!rows.TryGetValue(row.GetGuid(0), out var numbers)) rows[row.GetGuid(0)] = numbers = [];
                numbers.Add(row.GetInt64(1));
            }

            foreach (var change in FieldChange.Read(type, row.IsDBNull(2) ? null : row.GetString(2)))
            {
                if (type.Fields.FirstOrDefault(field => field.Path == change.Field) is not { } field || !(IsAddress(field) || IsKey(field)))
                    continue;
                if (change.Before?.GetString() is { } before) add(field, before);
                if (change.After?.GetString() is { } after) add(field, after);
            }
        }

        return rows;
    }
}
