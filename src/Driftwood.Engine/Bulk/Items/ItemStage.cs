using System.Text;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>The temporary table for a chunk's items: its columns, and how an item fills them.</summary>
internal sealed class ItemStage
{
    private sealed record Column(string Name, string SqlType, Action<ByteBuffer, Item> Write);

    private readonly RecordType _type;
    private readonly Guid _account;
    private readonly Column[] _columns;

    public ItemStage(RecordType type, Guid account)
    {
        (_type, _account) = (type, account);
        _columns = [.. ColumnsOfItem(), .. ColumnsOfValues()];
        var copied = _columns.Select(column => new StageColumn(column.Name, column.SqlType));
        Table = new StageTable("stage", [.. copied], new("match_id", "uuid"), new("fault", "text"));
    }

    public StageTable Table { get; }

    /// <summary>Encodes items as COPY data, without header and trailer.</summary>
    public void Encode(IEnumerable<Item> items, ByteBuffer tuples)
    {
        tuples.Length = 0;
        foreach (var item in items)
        {
            tuples.BeginTuple(_columns.Length);
            foreach (var column in _columns) column.Write(tuples, item);
        }
    }

    private IEnumerable<Column> ColumnsOfItem()
    {
        yield return new(StageColumn.Account.Name, StageColumn.Account.SqlType, (tuples, _) => tuples.Uuid(_account));
        yield return new("seq", "integer not null", (tuples, item) => tuples.Int32(item.Seq));
        yield return new("wave", "integer not null", (tuples, item) => tuples.Int32(item.Wave));
        yield return new("new_id", "uuid not null", (tuples, item) => tuples.Uuid(item.NewId));
        yield return new("by_id", "uuid", (tuples, item) => WriteId(tuples, item.Id));
        yield return new("by_key", "text collate \"C\"", (tuples, item) => WriteText(tuples, item.Key));
        yield return new("lacks", "boolean not null", (tuples, item) => tuples.Boolean(item.Lack is not null));
        yield return new("blanks", "boolean not null", (tuples, item) => tuples.Boolean(item.Blanked is not null));
        yield return new("mentioned", "text[] not null", (tuples, item) => WriteTexts(tuples, item.Values.Mentioned));
        yield return new("slots", "text[] not null", (tuples, item) => WriteTexts(tuples, item.Values.MentionedSlots(_type)));
        if (_type.Autonumber is null) yield break;
        yield return new("auto_name", "text", (tuples, item) => WriteText(tuples, item.NumberedName));
        yield return new("auto_key", "text collate \"C\"", (tuples, item) => WriteKey(tuples, MatchKeyKind.Name, item.NumberedName));
    }

    private IEnumerable<Column> ColumnsOfValues()
    {
        foreach (var field in _type.Columns.Where(field => !field.IsReadOnly))
        {
            yield return new(StageSql.ValueColumn(field), "text", (tuples, item) => WriteText(tuples, item.Values[field.Key]));
            if (field.MatchKey is { } kind) yield return KeyOf(field, kind);
        }

        yield return new("custom", "jsonb not null", WriteCustom);
        foreach (var field in _type.CustomFields)
        {
            if (field.MatchKey is { } kind) yield return KeyOf(field, kind);
        }

        yield return new("tags", "text[] not null", (tuples, item) => WriteTexts(tuples, item.Values.Tags?.Names ?? []));
        yield return new("tag_keys", "text[] collate \"C\" not null", (tuples, item) => WriteTexts(tuples, item.Values.Tags?.Keys ?? []));
    }

    private static Column KeyOf(Field field, MatchKeyKind kind) =>
        new(StageSql.KeyColumn(field), "text collate \"C\"", (tuples, item) => WriteKey(tuples, kind, item.Values[field.Key]));

    private void WriteCustom(ByteBuffer tuples, Item item)
    {
        var start = tuples.BeginField();
        tuples.Append(PgCopy.JsonbVersion);
        tuples.Append(Encoding.UTF8.GetBytes(item.Values.CustomJson(_type)));
        tuples.EndField(start);
    }

    private static void WriteId(ByteBuffer tuples, Guid? id)
    {
        if (id is { } given) tuples.Uuid(given);
        else tuples.Null();
    }

    private static void WriteKey(ByteBuffer tuples, MatchKeyKind kind, string? value)
    {
        var start = tuples.BeginField();
        if (value is not null) MatchKeys.Write(kind, Encoding.UTF8.GetBytes(value), tuples);
        tuples.EndField(start);
    }

    private static void WriteText(ByteBuffer tuples, string? text) => tuples.TextOrNull(text is null ? [] : Encoding.UTF8.GetBytes(text));

    private static void WriteTexts(ByteBuffer tuples, IEnumerable<string> texts)
    {
        using var elements = new ByteBuffer(256);
        var count = 0;
        foreach (var text in texts)
        {
            WriteText(elements, text);
            count++;
        }

        tuples.TextArray(count, elements.Written);
    }
}
