using System.Text;
using System.Text.Json.Nodes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Tests.Engine;

/// <summary>This part makes an account's record types and records, and shows them.</summary>
internal sealed partial class EngineRig
{
    /// <summary>The number of the next autonumbered record. Lower numbers are free for records that exist before.</summary>
    private const long FirstNumber = 100;

    /// <summary>Stores the custom parts of a type. Stores nothing for an unchanged built-in type.</summary>
    public async Task AddTypeAsync(Tenant tenant, RecordType type)
    {
        if (type.TypeId is null && !type.CustomFields.Any()) return;
        await ExecuteAsync(
            "insert into record_schemas (account_id, record_type) values (@account, @type)", ("account", tenant.Account),
            ("type", type.Key));
        if (type.TypeId is { } id)
        {
            await ExecuteAsync(
                """
                insert into record_types (account_id, id, key, name, name_is_unique, name_is_autonumber, autonumber_pattern, next_number,
                    created_at, created_by, updated_at, updated_by)
                values (@account, @id, @key, @name, @unique, @pattern <> '', nullif(@pattern, ''), @next, now(), @owner, now(), @owner)
                """,
                ("account", tenant.Account), ("id", id), ("key", type.Key), ("name", type.Label), ("unique", type.Find("name")!.Unique),
                ("pattern", type.Autonumber?.Text ?? ""), ("next", FirstNumber), ("owner", tenant.Owner));
        }

        foreach (var field in type.CustomFields) await AddFieldAsync(tenant, type, field);
    }

    /// <summary>Stores a custom field of a type that has a row already. Code that read the type before does not see the field.</summary>
    public Task AddFieldAsync(Tenant tenant, RecordType type, Field field) => ExecuteAsync(
        """
        insert into fields (account_id, id, record_type, slot, key, label, kind, required, is_unique, options, created_at, created_by,
            updated_at, updated_by)
        values (@account, @id, @type, @slot, @key, @label, @kind, @required, @unique, @options, now(), @owner, now(), @owner)
        """,
        ("account", tenant.Account), ("id", field.UniqueId ?? Guid.CreateVersion7()), ("type", type.Key), ("slot", field.Slot!),
            ("key", field.Key),
        ("label", field.Label), ("kind", CustomFields.Kinds.Single(kind => kind.Value == field.Kind).Key), ("required", field.Required),
        ("unique", field.Unique), ("options", field.Options.ToArray()), ("owner", tenant.Owner));

    public async Task AddRecordsAsync(Tenant tenant, RecordType type, IReadOnlyCollection<PlainRecord> records)
    {
        if (records.Count == 0) return;
        await using var connection = await database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var record in records)
        {
            batch.BatchCommands.Add(Insert(tenant, type, record));
            foreach (var field in type.UniqueValueFields.Where(f => record.Key(f) is not null))
            {
                batch.BatchCommands.Add(InsertUnique(tenant, field, record));
            }
        }

        batch.BatchCommands.Add(InsertTimes(tenant, type));
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Makes lists by <c>updated_at</c> find records that were written by SQL.</summary>
    public async Task AddTimesAsync(Tenant tenant, RecordType type)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { InsertTimes(tenant, type) } };
        await batch.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand InsertTimes(Tenant tenant, RecordType type) => new($"""
        insert into latest_changes (account_id, record_type, type_id, updated_at, id, part, records, record_ids)
        select r.account_id, $2, $3, r.updated_at, gen_random_uuid(), 0, 1, array[r.id] from {type.Table} r
        where {type.Owned("r", "$1")}
        """)
    {
        Parameters =
        {
            new NpgsqlParameter { Value = tenant.Account },
            new NpgsqlParameter { Value = type.Key },
            new NpgsqlParameter { Value = (object?)type.TypeId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
        },
    };

    private static NpgsqlBatchCommand Insert(Tenant tenant, RecordType type, PlainRecord record)
    {
        StringBuilder names = new("account_id, id, created_by, updated_by, created_at, updated_at, tags, tag_keys, custom");
        StringBuilder values = new("@account, @id, @owner, @owner, now(), now(), @tags, @tag_keys, @custom::jsonb");
        var command = new NpgsqlBatchCommand();
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("id", record.Id!.Value);
        command.Parameters.AddWithValue("owner", tenant.Owner);
        command.Parameters.AddWithValue("tags", record.Tags.Names.ToArray());
        command.Parameters.AddWithValue("tag_keys", record.Tags.Keys.ToArray());
        command.Parameters.AddWithValue("custom", record.Custom(type));
        if (type.TypeId is { } typeId)
        {
            names.Append(", type_id");
            values.Append(", @type_id");
            command.Parameters.AddWithValue("type_id", typeId);
        }

        foreach (var field in type.Columns.Where(f => record[f.Key] is not null))
        {
            names.Append($", {field.Key}");
            values.Append($", @{field.Key}::{field.SqlType}");
            command.Parameters.AddWithValue(field.Key, record[field.Key]!);
            if (record.Key(field) is not { } key) continue;
            names.Append($", {field.KeyColumn}");
            values.Append($", @{field.KeyColumn}");
            command.Parameters.AddWithValue(field.KeyColumn!, key);
        }

        command.CommandText = $"insert into {type.Table} ({names}) values ({values})";
        return command;
    }

    private static NpgsqlBatchCommand InsertUnique(Tenant tenant, Field field, PlainRecord record) =>
        new("insert into unique_values (account_id, field_id, key, record_id) values ($1, $2, $3, $4)")
        {
            Parameters =
        {
            new NpgsqlParameter { Value = tenant.Account },
            new NpgsqlParameter { Value = field.UniqueId!.Value },
            new NpgsqlParameter { Value = record.Key(field) },
            new NpgsqlParameter { Value = record.Id!.Value },
        },
        };

    /// <summary>All stored data of an account's records and types, byte for byte, with the transaction that wrote each row.</summary>
    public async Task<List<string>> StoredAsync(Tenant tenant)
    {
        string[] tables = [
            "contacts", "companies", "sources", "custom_records", "unique_values", "record_types", "record_schemas", "fields"];
        return await ListAsync(
            string.Join(
                " union all ",
                tables.Select(table => $"select '{table} ' || t.xmin || ' ' || t::text from {table} t where t.account_id = @account"))
                + " order by 1",
            ("account", tenant.Account));
    }

    /// <summary>
    /// Shows the records like <see cref="PlainRecord.Show"/>. An id that is not among the known ones is new. A record that lists in the
    /// order of <c>updated_at</c> would leave out is shown in another way.
    /// </summary>
    public async Task<List<string>> ShowRecordsAsync(Tenant tenant, RecordType type, IReadOnlySet<Guid> known)
    {
        var columns = type.Columns.ToArray();
        var texts = columns.Select(f => $"{f.Key}::text").Concat(columns.Where(f => f.KeyColumn is not null).Select(f => f.KeyColumn!));
        await using var command = database.CreateCommand($"""
            select id, created_by, updated_by, tags, tag_keys, custom::text,
                   array(select u.field_id || ' ' || u.key from unique_values u where u.account_id = r.account_id and u.record_id = r.id),
                   {string.Join(", ", texts)},
                   exists (
                       select from latest_changes l
                       where l.account_id = r.account_id and l.record_type = '{type.Key}' and l.updated_at = r.updated_at
                         and r.id = any (l.record_ids)) as is_listed
            from {type.Table} r where {type.Owned("r", "@account")}
            """);
        command.Parameters.AddWithValue("account", tenant.Account);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> shown = [];
        while (await reader.ReadAsync()) shown.Add(Show(reader, tenant, type, known));
        return shown;
    }

    private static string Show(NpgsqlDataReader reader, Tenant tenant, RecordType type, IReadOnlySet<Guid> known)
    {
        string Who(int column) => reader.GetGuid(column) == tenant.Worker ? "job" : "owner";
        var id = reader.GetGuid(0);
        var isKnown = known.Contains(id);
        var number = !isKnown && type.Autonumber is not null ? NumberedKey(reader, type.Autonumber) : null;
        var text = new StringBuilder($"{(isKnown ? id.ToString() : "new")} {Who(1)}/{Who(2)}");
        if (!reader.GetBoolean(reader.GetOrdinal("is_listed"))) text.Append(" not listed by time");
        foreach (var field in type.Columns)
        {
            var isNumbered = field.Key == "name" && number is not null;
            if (Value(reader, field.Key) is { } value) text.Append($" {field.Key}={(isNumbered ? PlainRecord.NumberedName : value)}");
            if (field.KeyColumn is { } key && Value(reader, key) is { } stored)
            {
                text.Append($" [{(isNumbered ? PlainRecord.NumberedName : stored)}]");
            }
        }

        var (names, keys) = (reader.GetFieldValue<string[]>(3), reader.GetFieldValue<string[]>(4));
        var unique = reader.GetFieldValue<string[]>(6)
            .Select(row => number is not null && row == $"{type.TypeId} {number}" ? $"{type.TypeId} {PlainRecord.NumberedName}" : row)
            .Order(StringComparer.Ordinal);
        return text.Append(
            $" tags={string.Join('|', names)} [{string.Join('|', keys)}] custom={JsonNode.Parse(reader.GetString(5))!.ToJsonString()} "
            + $"unique=[{string.Join('|', unique)}]").ToString();
    }

    /// <summary>The key of a name that follows the pattern; null if the name does not, or if the key is not the key of the name.</summary>
    private static string? NumberedKey(NpgsqlDataReader reader, AutonumberPattern pattern) =>
        Value(reader, "name") is { } name && AutonumberNames.NumberOf(pattern, name) is not null && Value(reader, "name_key") is { } key
            && key == MatchKeys.Of(MatchKeyKind.Name, name)
            ? key
            : null;

    /// <summary>
    /// Lists flaws that an account's records may never have: a unique value without a record, or an autonumbered name twice.
    /// </summary>
    public Task<List<string>> ShowFlawsAsync(Tenant tenant, RecordType type) => ListAsync(
        $"""
        select 'unique value of no record: ' || u.field_id || ' ' || u.key from unique_values u
        where u.account_id = @account and u.field_id = any (@unique)
          and not exists (select 1 from {type.Table} r where {type.Owned("r", "@account")} and r.id = u.record_id)
        union all
        select 'name twice: ' || name from custom_records r where r.account_id = @account and r.type_id = @numbered group by name
            having count(*) > 1
        """,
        ("account", tenant.Account), ("unique", type.UniqueValueFields.Select(field => field.UniqueId!.Value).ToArray()),
        ("numbered", type.Autonumber is null ? Guid.Empty : type.TypeId!.Value));

    private static string? Value(NpgsqlDataReader reader, string column)
    {
        var ordinal = reader.GetOrdinal(column);
        return reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
    }
}
