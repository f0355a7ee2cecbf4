using System.Text;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine.Imports;

internal enum RowEnd
{
    Created,
    Updated,
    Skipped,
    Failed,
}

/// <summary>What became of a row; with <see cref="RowEnd.Failed"/> the code, and the field where the fault has one.</summary>
internal readonly record struct RowOutcome(RowEnd End, string? Code = null, string? Field = null)
{
    public static RowOutcome Failed(string code, string? field) => new(RowEnd.Failed, code, field);
}

/// <summary>
/// What an import means, one row after the other, as API.md's table has it. Shares with the engine only what reads and
/// normalises a single value. Faults are named in this order: the row as a whole; its cells, by column; its match; then
/// what it would make of a record: the record as a whole, and then by column.
/// </summary>
internal sealed class RowByRowImport
{
    private sealed record Column(int Index, Field Field);

    private sealed record Row(Dictionary<string, string> Values, bool TagsBlank, TagSet CellTags);

    private readonly RecordType _type;
    private readonly ImportSpec _spec;
    private readonly CellFormat _cells;
    private readonly int _columnCount;
    private readonly Column[] _columns;
    private readonly IReadOnlySet<Guid> _referable;

    /// <param name="type">The type of the records.</param>
    /// <param name="spec">The confirmed import.</param>
    /// <param name="headers">The file's columns.</param>
    /// <param name="records">The account's records; changed by <see cref="Apply"/>.</param>
    /// <param name="referable">Ids of the account's companies and sources.</param>
    public RowByRowImport(RecordType type, ImportSpec spec, IReadOnlyList<string> headers, List<PlainRecord> records, IReadOnlySet<Guid> referable)
    {
        (_type, _spec, _columnCount, Records, _referable) = (type, spec, headers.Count, records, referable);
        _cells = new CellFormat(spec.DateFormat, spec.DecimalComma);
        _columns = [.. headers.Index().Where(h => spec.ColumnMapping.ContainsKey(h.Item)).Select(h => new Column(h.Index, type.Find(spec.ColumnMapping[h.Item])!))];
    }

    public List<PlainRecord> Records { get; }

    public RowOutcome Apply(string[] cells)
    {
        if (cells.Length != _columnCount) return RowOutcome.Failed("wrong_column_count", null);
        if (_columns.All(column => IsBlank(cells[column.Index]))) return new(RowEnd.Skipped);
        if (ReadCells(cells, out var row) is { } fault) return fault;
        var matches = Matches(row);
        return matches.Count switch
        {
            > 1 => RowOutcome.Failed("ambiguous_match", _spec.MatchOn),
            1 when _spec.Mode == ImportMode.CreateOnly || _spec.DuplicateStrategy == DuplicateStrategy.Skip => new(RowEnd.Skipped),
            1 => Change(matches[0], row),
            _ when _spec.MatchOn == "id" => RowOutcome.Failed("not_found", "id"),
            _ when _spec.Mode == ImportMode.UpdateOnly => new(RowEnd.Skipped),
            _ => Create(row),
        };
    }

    private static bool IsBlank(string cell) => cell.All(c => char.IsWhiteSpace(c) || c is '\uFEFF' or '\u200B');

    private RowOutcome? ReadCells(string[] cells, out Row row)
    {
        row = new Row([], true, TagSet.Empty);
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        foreach (var (index, field) in _columns)
        {
            var utf8 = Encoding.UTF8.GetBytes(cells[index]);
            CellFault? fault;
            if (field.Kind == FieldKind.Tags)
            {
                row = row with { TagsBlank = IsBlank(cells[index]), CellTags = TagSet.ReadCell(utf8, _spec.TagDelimiter, out fault) };
            }
            else if (CellReader.TryRead(field, utf8, scratch, out var stored, out fault, _cells) && !stored.IsEmpty)
            {
                row.Values[field.Key] = Encoding.UTF8.GetString(stored);
            }

            if (fault is not null) return RowOutcome.Failed(fault.Code, field.Key);
        }

        return null;
    }

    private List<PlainRecord> Matches(Row row)
    {
        if (_spec.MatchOn is not { } on || !row.Values.TryGetValue(on, out var value)) return [];
        if (on == "id") return Records.FindAll(record => record.Id == Guid.Parse(value));
        var field = _type.Find(on)!;
        var key = MatchKeys.Of(field.MatchKey!.Value, value);
        return key is null ? [] : Records.FindAll(record => record.Key(field) == key);
    }

    private RowOutcome Create(Row row)
    {
        var made = new PlainRecord { Values = Settable(row), Tags = Unite(row.CellTags, _spec.AddTags), Touched = true };
        if (FaultOf(made, null, row) is { } fault) return fault;
        Records.Add(made);
        return new(RowEnd.Created);
    }

    private RowOutcome Change(PlainRecord record, Row row)
    {
        var changed = _spec.DuplicateStrategy == DuplicateStrategy.Merge ? Merged(record, row) : Overwritten(record, row);
        changed.Touched = true;
        if (FaultOf(changed, record, row) is { } fault) return fault;
        Records[Records.IndexOf(record)] = changed;
        return new(RowEnd.Updated);
    }

    private PlainRecord Merged(PlainRecord record, Row row)
    {
        var merged = record.Copy();
        foreach (var (_, field) in _columns.Where(c => c.Field.Kind is not (FieldKind.Id or FieldKind.Tags)))
        {
            if (row.Values.TryGetValue(field.Key, out var value)) merged[field.Key] = value;
            else if (_spec.BlankCells == BlankCells.Clear) merged[field.Key] = null;
        }

        var clearsTags = _spec.BlankCells == BlankCells.Clear && row.TagsBlank && _columns.Any(c => c.Field.Kind == FieldKind.Tags);
        merged.Tags = Unite(Unite(clearsTags ? TagSet.Empty : record.Tags, row.CellTags.Names), _spec.AddTags);
        return merged;
    }

    private PlainRecord Overwritten(PlainRecord record, Row row)
    {
        var overwritten = new PlainRecord { Id = record.Id, Values = Settable(row), Tags = Unite(row.CellTags, _spec.AddTags) };
        if (_columns.All(c => c.Field.Key != "external_id")) overwritten["external_id"] = record["external_id"];
        return overwritten;
    }

    private static Dictionary<string, string> Settable(Row row) => row.Values.Where(value => value.Key != "id").ToDictionary();

    private static TagSet Unite(TagSet tags, IEnumerable<string> more) => TagSet.Read(tags.Names.Concat(more), out _);

    private RowOutcome? FaultOf(PlainRecord record, PlainRecord? before, Row row)
    {
        if (_type.AnyOf.Count > 0 && _type.AnyOf.All(key => record[key] is null)) return RowOutcome.Failed("required", null);
        var unmapped = _type.Columns.Except(_columns.Select(c => c.Field));
        if (before is null && unmapped.FirstOrDefault(f => f.Required) is { } missing) return RowOutcome.Failed("required", missing.Key);
        foreach (var (_, field) in _columns)
        {
            if (field.Required && record[field.Key] is null) return RowOutcome.Failed("required", field.Key);
            if (field.Kind == FieldKind.Tags && record.Tags.Names.Count > TagSet.MaxTags) return RowOutcome.Failed("too_long", field.Key);
            if (!row.Values.TryGetValue(field.Key, out var value)) continue;
            if (field.Kind == FieldKind.Reference && !_referable.Contains(Guid.Parse(value))) return RowOutcome.Failed("not_found", field.Key);
            if (field.Unique && Records.Exists(other => other != before && other.Key(field) == record.Key(field))) return RowOutcome.Failed("duplicate_value", field.Key);
        }

        return record.Tags.Names.Count > TagSet.MaxTags ? RowOutcome.Failed("too_long", "tags") : null;
    }
}
