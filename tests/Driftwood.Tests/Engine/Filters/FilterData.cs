using System.Text.Json;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>Random records of one type of an account, in memory and in the database.</summary>
internal sealed class FilterData(RecordType type, Tenant tenant, FilterCells cells, Random random)
{
    private readonly HashSet<(string Field, string Key)> _taken = [];

    public RecordType Type => type;

    public List<FilterRecord> Records { get; } = [];

    public void Make(int count)
    {
        for (var i = 0; i < count; i++) Records.Add(Make());
    }

    /// <summary>Copies the values to records of another type with the same fields.</summary>
    public FilterData CopyTo(RecordType other)
    {
        FilterData copy = new(other, tenant, cells, random);
        copy.Records.AddRange(Records.Select(record => record.Copy()));
        return copy;
    }

    private FilterRecord Make()
    {
        FilterRecord record = new() { Values = { ["id"] = Guid.CreateVersion7().ToString() } };
        foreach (var field in type.Fields.Concat(RecordType.Stamps))
        {
            if (!field.Required && random.Next(3) == 0) continue;
            if (field.Kind == FieldKind.Tags) SetTags(record, field);
            else if (Free(field, PlainRecord.Stored(Plain(field), cells.Value(field))) is { } value) record.Values[field.Key] = value;
        }

        if (type.AnyOf.Count > 0) record.Values.TryAdd("last_name", "Ann");
        return record;
    }

    private void SetTags(FilterRecord record, Field field)
    {
        var tags = TagSet.Read(Enumerable.Range(0, random.Next(1, 4)).Select(_ => cells.Tag()), out _);
        record.Tags[field.Key] = tags;
    }

    /// <summary>Returns the value if no other record has it. Otherwise returns another value if the record needs one.</summary>
    private string? Free(Field field, string? value)
    {
        if (value is null || !field.Unique || _taken.Add((field.Key, MatchKeys.Of(field.MatchKey!.Value, value)!))) return value;
        return field.Required ? Free(field, FormattableString.Invariant($"{value} {_taken.Count}")) : null;
    }

    // The picker gives options in their stored form.
    private static Field Plain(Field field) => field.Kind == FieldKind.Choice ? new Field(field.Key, field.Label, FieldKind.Text) : field;

    public async Task StoreAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var record in Records)
        {
            batch.BatchCommands.Add(Insert(record));
            foreach (var field in type.UniqueValueFields.Where(field => !record.IsBlank(field)))
            {
                batch.BatchCommands.Add(InsertKey(record, field));
            }
        }

        await batch.ExecuteNonQueryAsync();
    }

    private NpgsqlBatchCommand Insert(FilterRecord record)
    {
        NpgsqlBatchCommand command = new();
        List<string> names = [];
        List<string> values = [];
        void Add(string column, string cast, object value)
        {
            names.Add(column);
            values.Add($"@{column}::{cast}");
            command.Parameters.AddWithValue(column, value);
        }

        var tags = record.Tags.GetValueOrDefault("tags", TagSet.Empty);
        Add("account_id", "uuid", tenant.Account);
        if (type.TypeId is { } typeId) Add("type_id", "uuid", typeId);
        Add("tags", "text[]", tags.Names.ToArray());
        Add("tag_keys", "text[]", tags.Keys.ToArray());
        Add("custom", "jsonb", Custom(record));
        foreach (var field in type.Columns.Concat(RecordType.Stamps).Append(RecordType.Id).Where(field => !record.IsBlank(field)))
        {
            Add(field.Key, field.SqlType, record[field]!);
            if (field.KeyColumn is { } column) Add(column, "text", MatchKeys.Of(field.MatchKey!.Value, record[field]!)!);
        }

        command.CommandText = $"insert into {type.Table} ({string.Join(", ", names)}) values ({string.Join(", ", values)})";
        return command;
    }

    private NpgsqlBatchCommand InsertKey(FilterRecord record, Field field) =>
        new("insert into unique_values (account_id, field_id, key, record_id) values ($1, $2, $3, $4)")
        {
            Parameters =
        {
            new() { Value = tenant.Account }, new() { Value = field.UniqueId },
                new() { Value = MatchKeys.Of(field.MatchKey!.Value, record[field]!) }, new() { Value = record.Id },
        },
        };

    private string Custom(FilterRecord record) =>
        JsonSerializer.Serialize(type.CustomFields.Where(field => !record.IsBlank(field)).ToDictionary(
        field => FormattableString.Invariant($"{field.Slot}"),
        field =>
            field.Kind == FieldKind.Tags ? (object)new { names = record.Tags[field.Key].Names, keys = record.Tags[field.Key].Keys }
            : record[field]!));
}
