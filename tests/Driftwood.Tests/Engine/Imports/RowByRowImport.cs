using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Tests.Engine.Imports;

internal enum RowEnd
{
    Created,
    Updated,

    /// <summary>The record has the row's values already. Counts as skipped.</summary>
    Unchanged,
    Skipped,
    Failed,
}

/// <summary>The outcome of a row. <see cref="RowEnd.Failed"/> or a warning has a code, and a field if the fault belongs to one.</summary>
internal readonly record struct RowOutcome(RowEnd End, string? Code = null, string? Field = null)
{
    /// <summary>created or linked: what became of the row's company; null if it has none.</summary>
    public string? Company { get; init; }

    public bool IsWarned => End != RowEnd.Failed && Code is not null;

    public static RowOutcome Failed(string code, string? field) => new(RowEnd.Failed, code, field);
}

/// <summary>
/// The oracle of imports. It applies one row after the other, following the table of API.md. It shares with the engine only the
/// code that reads and normalises a single value. Faults come in this order: the row as a whole; its cells, by column; its match;
/// then the resulting record, first as a whole and then by column.
/// </summary>
internal sealed partial class RowByRowImport
{
    /// <summary>A field that rows fill, and the cell that it takes its value from.</summary>
    private sealed record Column(int Index, Field Field)
    {
        /// <summary>The same in all rows.</summary>
        public string? Constant { get; init; }

        /// <summary>The records that get the value.</summary>
        public ColumnPolicy Policy { get; init; }

        /// <summary>The cells that the value is joined from, each with the settings of its column.</summary>
        public (int Index, JsonElement? Settings)[] Parts { get; init; } = [];
    }

    /// <summary>The values of a row, including its own tags, and whether the cell of those tags is blank.</summary>
    private sealed record Row(PlainRecord Values, bool TagsBlank)
    {
        /// <summary>The first value that is kept in part, or not at all.</summary>
        public (string Code, string Field)? Partial { get; init; }
    }

    private readonly RecordType _type;
    private readonly ImportSpec _spec;
    private readonly CellFormat _cells;
    private readonly int _columnCount;
    private readonly CsvFormat _format;
    private readonly Column[] _columns;
    private readonly Column[] _own; // without the fields of companies
    private readonly IReadOnlyList<string> _headers;
    private readonly IReadOnlySet<Guid> _referable;
    private readonly RowByRowCompanies _companies;

    /// <param name="type">The type of the records.</param>
    /// <param name="spec">The confirmed import.</param>
    /// <param name="format">What becomes of rows that are shorter or longer than the header.</param>
    /// <param name="headers">The file's columns.</param>
    /// <param name="records">The account's records. <see cref="Apply"/> changes them.</param>
    /// <param name="referable">Ids of the account's companies and sources.</param>
    /// <param name="companies">Links contacts with companies.</param>
    public RowByRowImport(
        RecordType type, ImportSpec spec, CsvFormat format, IReadOnlyList<string> headers, List<PlainRecord> records,
        IReadOnlySet<Guid> referable,
        RowByRowCompanies companies)
    {
        (_type, _spec, _format, _columnCount) = (type, spec, format, headers.Count);
        (Records, _referable, _companies) = (records, referable, companies);
        _cells = spec.Cells();
        var mapped = headers.Index().Where(h => spec.ColumnMapping.ContainsKey(h.Item))
            .GroupBy(h => spec.ColumnMapping[h.Item], h => h.Index)
            .Select(indexes => new Column(indexes.First(), type.FindMappable(indexes.Key)!)
            {
                Parts = [.. indexes.Select(index =>
                    (index, spec.ColumnSettings.TryGetValue(headers[index], out var given) ? given : (JsonElement?)null))],
                Policy = spec.ColumnPolicies.GetValueOrDefault(headers[indexes.First()]),
            });
        var computed = spec.ComputedFields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(Computed);
        var constants = spec.Constants.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(Constant);
        _columns = [.. mapped, .. computed, .. constants];
        _own = [.. _columns.Where(column => column.Field.OfCompany is null)];
        companies.Columns = [.. _columns.Except(_own).Select(column => new CompanyColumn(
            column.Field.Key, column.Field.OfCompany!, column.Policy, DefaultOf(column, "default_on_create")))];
        _headers = headers;

        Column Computed(KeyValuePair<string, JsonElement> pair)
        {
            var index = headers.Index().Single(h => h.Item == pair.Value.GetProperty("column").GetString()).Index;
            return new Column(index, type.FindMappable(pair.Key)!)
            {
                Parts = [(index, pair.Value)],
                Policy = pair.Value.TryGetProperty("policy", out var word) ? ColumnTarget.Policies[word.GetString()!] : default,
            };
        }

        Column Constant(KeyValuePair<string, JsonElement> pair)
        {
            var isPlain = pair.Value.ValueKind != JsonValueKind.Object;
            var value = isPlain ? pair.Value : pair.Value.GetProperty("value");
            var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
            var policy = isPlain ? default : ColumnTarget.Policies[pair.Value.GetProperty("policy").GetString()!];
            return new Column(-1, type.FindMappable(pair.Key)!) { Constant = text, Policy = policy };
        }
    }

    public List<PlainRecord> Records { get; }

    public RowOutcome Apply(string[] cells)
    {
        if (cells.Length != _columnCount)
        {
            var isPadded = cells.Length > 1 && cells.Length < _columnCount && _format.RaggedRows == RaggedRows.Pad;
            var isCut = _format.DropsSurplusBlanks && cells.Length > _columnCount && cells.Skip(_columnCount).All(IsBlank);
            if (!isPadded && !isCut) return RowOutcome.Failed("wrong_column_count", null);
            cells = [.. cells.Take(_columnCount), .. Enumerable.Repeat("", Math.Max(0, _columnCount - cells.Length))];
        }

        if (_columns.All(column => column.Constant is not null || IsBlankIn(column, Derive(column, cells))))
            return new(RowEnd.Skipped);
        if (ReadCells(cells, out var row) is { } fault) return fault;
        var matches = Matches(row);
        var outcome = matches.Count switch
        {
            > 1 => RowOutcome.Failed("ambiguous_match", MatchOf(row)!.Value.Field),
            1 when _spec.Mode == ImportMode.CreateOnly || _spec.DuplicateStrategy == DuplicateStrategy.Skip => new(RowEnd.Skipped),
            1 => Change(matches[0], row),
            _ when _spec.MatchOn == "id" => RowOutcome.Failed("not_found", "id"),
            _ when _spec.Mode == ImportMode.UpdateOnly => new(RowEnd.Skipped),
            _ => Create(row),
        };
        if (row.Partial is not { } partial || outcome.End == RowEnd.Failed) return outcome;
        return outcome with { Code = partial.Code, Field = partial.Field };
    }

    private static bool IsBlank(string cell) => cell.All(IsBlank);

    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || letter is '\uFEFF' or '\u200B';

    private static string Trim(string cell) =>
        string.Concat(cell.SkipWhile(IsBlank).Reverse().SkipWhile(IsBlank).Reverse());

    // ="000123" is 000123. Other formulas stay.
    private static string Bare(string cell)
    {
        var text = Trim(cell);
        var wrapped = Wrapped().Match(text);
        return wrapped.Success ? Trim(wrapped.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal)) : text;
    }

    [GeneratedRegex("^=\"((?:[^\"]|\"\")*)\"$", RegexOptions.Singleline)]
    private static partial Regex Wrapped();

    // A blank cell, a null marker, or a date of zeros.
    private bool HasNoValue(Field field, string cell)
    {
        var text = Bare(cell);
        return text.Length == 0 || _spec.NullValues.Select(Trim).Contains(text)
            || (field.Kind is FieldKind.Date or FieldKind.DateTime && text.All("0/-.: ".Contains));
    }

    // Joined text is no cell of the file any more.
    private bool IsBlankIn(Column column, string text) => column.Parts.Length > 1 ? text.Length == 0 : HasNoValue(column.Field, text);

    /// <summary>Splits at the delimiter, except inside quotes that enclose a whole tag. These quotes go.</summary>
    private static IEnumerable<string> SplitTags(string cell, string delimiter)
    {
        var tag = Regex.Escape(delimiter);
        for (var rest = cell; rest is not null;)
        {
            var quoted = Regex.Match(rest, $"^[\\s\u200B]*\"((?:[^\"]|\"\")*)\"[\\s\u200B]*(?:{tag}(.*))?$", RegexOptions.Singleline);
            if (quoted.Success)
            {
                yield return quoted.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal);
                rest = quoted.Groups[2].Success ? quoted.Groups[2].Value : null;
                continue;
            }

            var end = rest.IndexOf(delimiter, StringComparison.Ordinal);
            yield return end < 0 ? rest : rest[..end];
            rest = end < 0 ? null : rest[(end + delimiter.Length)..];
        }
    }

    // Two numbers of seven digits or more. After a country, seven digits before a slash may be an area code.
    private static string? FirstPhone(string cell)
    {
        var pair = TwoPhones().Match(cell);
        if (!pair.Success) return null;
        var (first, second) = (pair.Groups[1].Value, pair.Groups[3].Value);
        var fewest = pair.Groups[2].Value == "/" && first.StartsWith('+') ? 9 : 7;
        return first.Count(char.IsAsciiDigit) >= fewest && second.Count(char.IsAsciiDigit) >= 7 ? Trim(first) : null;
    }

    [GeneratedRegex(@"^(\+?[0-9() -]+?)\s*(/|;|,|\bor\b|:::|\n|\||(?=\+))\s*(\+?[0-9() -]+)$")]
    private static partial Regex TwoPhones();

    private RowOutcome? ReadCells(string[] cells, out Row row)
    {
        row = new Row(new PlainRecord(), true);
        foreach (var column in _columns)
        {
            var field = column.Field;
            var cell = column.Constant ?? Derive(column, cells);
            var isDefault = column.Constant is null && DefaultOf(column, "default") is not null && IsBlankIn(column, cell);
            if (isDefault) cell = DefaultOf(column, "default")!;
            var isStored = isDefault || column.Constant is not null;
            if (!isStored && field.Kind == FieldKind.Phone && !HasNoValue(field, cell) && FirstPhone(Bare(cell)) is { } first)
            {
                row = row with { Partial = row.Partial ?? ("multiple_values", field.Key) };
                cell = first;
            }

            var format = isStored || column.Parts.Length > 1 ? default : _cells;
            if (column.Parts.Any(part => part.Settings is { } given && given.TryGetProperty("by", out _)))
            {
                if (ReadSource(field, format, cell, row.Values) is { } odd) return RowOutcome.Failed(odd.Code, field.Key);
                continue;
            }

            var fault = field.Kind == FieldKind.Tags ? ReadTags(field, cell, row.Values) : ReadValue(field, format, cell, row.Values);
            if (fault?.Code == "invalid_choice" && column.Parts.Any(part => part.Settings is { } given
                && given.TryGetProperty("unknown", out var word) && word.GetString() == "blank"))
            {
                row = row with { Partial = row.Partial ?? (fault.Code, field.Key) };
                if (DefaultOf(column, "default") is { } value) row.Values[field.Key] = value;
                continue;
            }

            if (fault is not null) return RowOutcome.Failed(fault.Code, field.Key);
            if (field.IsTags) row = row with { TagsBlank = HasNoValue(field, cell) };
        }

        return null;
    }

    // The text of a column before its default. A column without settings that is alone has its cell as it stands.
    private string Derive(Column column, string[] cells)
    {
        if (column.Parts is [(var only, null)]) return cells[only];
        var texts = column.Parts.Select(part => DeriveOf(column.Field, cells, part.Index, part.Settings)).Where(text => text.Length > 0);
        return string.Join(", ", texts);
    }

    private string DeriveOf(Field field, string[] cells, int index, JsonElement? settings)
    {
        var text = HasNoValue(field, cells[index]) ? "" : Bare(cells[index]).Normalize();
        if (settings is not { } given) return text;
        if (given.TryGetProperty("null_values", out var markers)
            && markers.EnumerateArray().Any(marker => Trim(marker.GetString()!) == text))
        {
            text = "";
        }
        if (given.TryGetProperty("transforms", out var transforms))
        {
            foreach (var transform in transforms.EnumerateArray()) text = Change(text, transform, cells);
        }

        if (!given.TryGetProperty("transforms", out _) && !given.TryGetProperty("value_map", out _)) return text;
        text = Trim(text);
        if (!given.TryGetProperty("value_map", out var map)) return text;
        var mapped = map.EnumerateObject().Where(pair => Trim(pair.Name).Equals(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return mapped.Count > 0 ? mapped[0].Value.GetString() ?? "" : text;
    }

    private string Change(string text, JsonElement transform, string[] cells)
    {
        string Text(string name) => transform.GetProperty(name).GetString()!;
        var name = transform.ValueKind == JsonValueKind.String ? transform.GetString() : Text("name");
        if (name == "concat")
        {
            var other = cells[_headers.Index().Single(header => header.Item == Text("column")).Index];
            other = HasNoValue(_type.Find("external_id")!, other) ? "" : Bare(other).Normalize();
            return string.Join(Text("separator"), new[] { text, other }.Where(part => part.Length > 0));
        }

        if (text.Length == 0) return text;
        switch (name)
        {
            case "upper":
                return text.ToUpperInvariant();
            case "strip_prefix":
                return Regex.Replace(text, "^" + Regex.Escape(Text("text")), "");
            case "replace":
                return Regex.Replace(text, Regex.Escape(Text("find")), Text("with"));
            case "split":
                List<string> parts = [.. Regex.Split(text, Regex.Escape(Text("on")))];
                var nth = transform.GetProperty("nth").GetInt32();
                if (nth < 0) parts.Reverse();
                return Trim(parts.ElementAtOrDefault(Math.Abs(nth) - 1) ?? "");
            default:
                throw new InvalidOperationException($"The oracle does not know {name}.");
        }
    }

    // The default of a column in stored form; null if it has none.
    private static string? DefaultOf(Column column, string name)
    {
        var given = column.Parts.Select(part => part.Settings is { } settings && settings.TryGetProperty(name, out var value)
            ? value
            : (JsonElement?)null).FirstOrDefault(value => value is not null);
        if (given is not { } found) return null;
        var text = found.ValueKind == JsonValueKind.String ? found.GetString()! : found.GetRawText();
        var values = new PlainRecord();
        return ReadValue(column.Field, default, text, values) is null ? values[column.Field.Key] : null;
    }

    private Fault? ReadTags(Field field, string cell, PlainRecord values)
    {
        var tags = TagSet.Read(HasNoValue(field, cell) ? [] : SplitTags(Bare(cell), _spec.TagDelimiter), out var fault);
        if (field.IsTags) values.Tags = tags;
        else values.SetList(field, tags);
        return fault;
    }

    private static Fault? ReadValue(Field field, CellFormat format, string cell, PlainRecord values)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, Encoding.UTF8.GetBytes(cell), scratch, out var stored, out var fault, format)) return fault;
        if (!stored.IsEmpty) values[field.Key] = Encoding.UTF8.GetString(stored);
        return null;
    }

    // The name of a source is "Name" and its id.
    private Fault? ReadSource(Field field, CellFormat format, string cell, PlainRecord values)
    {
        var name = RecordTypes.Sources.Find("name")!;
        var read = new PlainRecord();
        if (ReadValue(name, format, cell, read) is { } fault) return fault;
        if (read.Key(name) is { } key)
            values[field.Key] = _referable.FirstOrDefault(id => MatchKeys.Of(MatchKeyKind.Name, $"Name {id}") == key).ToString();
        return null;
    }

    private List<PlainRecord> Matches(Row row)
    {
        if (MatchOf(row) is not { Field: var on, Key: var key }) return [];
        return on == "id"
            ? Records.FindAll(record => record.Id == Guid.Parse(key))
            : Records.FindAll(record => record.Key(_type.Find(on)!) == key);
    }

    // The first field in which the row has something to compare.
    private (string Field, string Key)? MatchOf(Row row)
    {
        string[] fields = _spec.MatchOn is null ? [] : [_spec.MatchOn, .. _spec.AlsoMatchOn];
        foreach (var on in fields.Where(on => row.Values[on] is not null))
        {
            var key = on == "id" ? row.Values[on] : MatchKeys.Of(_type.Find(on)!.MatchKey!.Value, row.Values[on]!);
            if (key is not null) return (on, key);
        }

        return null;
    }

    private RowOutcome Create(Row row)
    {
        var made = new PlainRecord { Tags = Unite(row.Values.Tags, _spec.AddTags), Touched = true };
        foreach (var field in SetFields) made.Take(field, row.Values);
        foreach (var column in _own.Where(column => made.IsBlank(column.Field)))
        {
            if (DefaultOf(column, "default_on_create") is { } value) made[column.Field.Key] = value;
        }

        if (_type.Autonumber is not null) made["name"] = PlainRecord.NumberedName;
        if (FaultOf(made, null, row) is { } fault) return fault;
        Records.Add(made);
        return Link(made, row, RowEnd.Created);
    }

    private RowOutcome Change(PlainRecord record, Row row)
    {
        var changed = _spec.DuplicateStrategy == DuplicateStrategy.Merge ? Merged(record, row) : Overwritten(record, row);
        if (FaultOf(changed, record, row) is { } fault) return fault;
        Records[Records.IndexOf(record)] = changed;
        var outcome = Link(changed, row, RowEnd.Updated);
        return changed.MarkIfChanged(record, _type) ? outcome : outcome with { End = RowEnd.Unchanged };
    }

    // At this point overwriting has cleared the company, and merging has kept it.
    private RowOutcome Link(PlainRecord record, Row row, RowEnd end)
    {
        if (!_companies.Links) return new(end);
        var made = _companies.Made.Count;
        var company = _companies.Link(row.Values, out var warning);
        if (company is null) return new(end, warning?.Code, warning?.Field);
        record["company_id"] = company.ToString();
        return new(end) { Company = _companies.Made.Count > made ? "created" : "linked" };
    }

    private PlainRecord Merged(PlainRecord record, Row row)
    {
        var merged = record.Copy();
        foreach (var field in ChangedFields(record).Where(f => !row.Values.IsBlank(f) || _spec.BlankCells == BlankCells.Clear))
        {
            merged.Take(field, row.Values);
        }

        var clearsTags = _spec.BlankCells == BlankCells.Clear && row.TagsBlank && _columns.Any(c => c.Field.IsTags);
        merged.Tags = Unite(Unite(clearsTags ? TagSet.Empty : record.Tags, row.Values.Tags.Names), _spec.AddTags);
        return merged;
    }

    private PlainRecord Overwritten(PlainRecord record, Row row)
    {
        var overwritten = new PlainRecord { Id = record.Id, Tags = Unite(row.Values.Tags, _spec.AddTags) };
        foreach (var field in _type.Fields.Where(f => f.Key == "external_id" || f.IsReadOnly)) overwritten.Take(field, record);
        foreach (var field in SetFields) overwritten.Take(field, ChangedFields(record).Contains(field) ? row.Values : record);
        return overwritten;
    }

    /// <summary>The fields that a row sets, except the record's own tags.</summary>
    private IEnumerable<Field> SetFields => _own.Select(c => c.Field).Where(f => f.Kind != FieldKind.Id && !f.IsTags);

    /// <summary>Those that a row sets in a record that it matches.</summary>
    private IEnumerable<Field> ChangedFields(PlainRecord record) => SetFields.Where(field => PolicyOf(field) switch
    {
        ColumnPolicy.CreateOnly => false,
        ColumnPolicy.FillBlank => record.IsBlank(field),
        _ => true,
    });

    private ColumnPolicy PolicyOf(Field field) => _columns.First(column => column.Field == field).Policy;

    private static TagSet Unite(TagSet tags, IEnumerable<string> more) => TagSet.Read(tags.Names.Concat(more), out _);

    private RowOutcome? FaultOf(PlainRecord record, PlainRecord? before, Row row)
    {
        if (_type.AnyOf.Count > 0 && _type.AnyOf.All(key => record[key] is null)) return RowOutcome.Failed("required", null);
        var unmapped = _type.Fields.Except(_columns.Select(c => c.Field));
        if ((before is null || _spec.DuplicateStrategy == DuplicateStrategy.Overwrite)
            && unmapped.FirstOrDefault(f => f is { Required: true, IsReadOnly: false }) is { } missing)
        {
            return RowOutcome.Failed("required", missing.Key);
        }
        foreach (var field in _own.Select(column => column.Field))
        {
            if (field.Required && record.IsBlank(field)) return RowOutcome.Failed("required", field.Key);
            if (field.IsTags && record.Tags.Names.Count > TagSet.MaxTags) return RowOutcome.Failed("too_long", field.Key);
            if (row.Values[field.Key] is not { } value) continue;
            if (field.Kind == FieldKind.Reference && !_referable.Contains(Guid.Parse(value)))
            {
                return RowOutcome.Failed("not_found", field.Key);
            }
            if (field.Unique && Records.Exists(other => other != before && other.Key(field) == record.Key(field)))
            {
                return RowOutcome.Failed("duplicate_value", field.Key);
            }
        }

        return record.Tags.Names.Count > TagSet.MaxTags ? RowOutcome.Failed("too_long", "tags") : null;
    }
}
