using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>A random import over random records. There are few values, so keys often repeat and clash.</summary>
internal sealed partial class ImportCase
{
    // Fields of companies that files fill.
    private static readonly string[] OfCompanies =
    [
        "company.name", "company.domain", "company.website", "company.industry", "company.employee_count", "company.annual_revenue",
        "company.vat",
    ];

    private readonly Random _random;
    private readonly CellPicker _cells;

    public ImportCase(int seed, Guid[] companies, Guid[] sources, Guid foreign)
    {
        _random = new Random(seed);
        Type = RandomTypes.Make(_random);
        _cells = new CellPicker(_random, companies, sources, foreign);
        Companies = _cells.Companies(companies);
        CompanyType = RecordTypes.Extend(RecordTypes.Companies, PickCustomOfCompanies(), 0);
        if (Type.Key == RecordTypes.Contacts.Key) Type = Type with { Companies = CompanyType };
        Existing = RandomRecords.Make(_random, _cells, Type, _random.Next(8), []);
        _cells.KnownIds = [.. Existing.Select(record => record.Id!.Value)];
        var fields = PickFields();
        var joined = fields.Where(field => field is { Kind: FieldKind.Text, Unique: false, MatchKey: null }
            && !Type.MatchFields.Contains(field.Key) && _random.Next(4) == 0).ToList();
        Headers = [.. fields.Select(field => "Col " + field.Key), .. joined.Select(field => "Co2 " + field.Key), "Note"];
        _random.Shuffle(Headers);
        Spec = MakeSpec(fields, joined);
        Rows = [.. Enumerable.Range(0, _random.Next(1, 45)).Select(_ => Row())];
        new StoredValueContests(_random, _cells, this).Add(_random.Next(2) * _random.Next(4));
        Format = MakeFormat();
        Lanes = new ImportLayout(Type, Spec, Headers).RunsInLanes ? _random.Next(1, 5) : 1;
        ChunkRows = _random.Next(1, 51);
        IsInterrupted = _random.Next(4) == 0;
        InterruptionSeed = _random.Next();
        HasDryRun = _random.Next(2) == 0;
        HasReceipt = _random.Next(2) == 0;
    }

    public RecordType Type { get; }

    public List<PlainRecord> Existing { get; }

    /// <summary>The account's companies, if the type is contacts.</summary>
    public PlainRecord[] Companies { get; }

    /// <summary>The type of the companies, whose custom field may be required.</summary>
    public RecordType CompanyType { get; }

    public string[] Headers { get; }

    public ImportSpec Spec { get; }

    public List<string[]> Rows { get; }

    /// <summary>How the file is written: its encoding, what stands above the table, escapes, and what shorter rows mean.</summary>
    public CsvFormat Format { get; }

    public int Lanes { get; }

    public int ChunkRows { get; }

    public bool IsInterrupted { get; }

    public int InterruptionSeed { get; }

    /// <summary>Whether a dry run comes before the import.</summary>
    public bool HasDryRun { get; }

    /// <summary>Whether the receipt is compared with the file.</summary>
    public bool HasReceipt { get; }

    public override string ToString() =>
        $"{ShowType()} {Spec.DuplicateStrategy} {Spec.Mode} {Spec.BlankCells} on {Spec.MatchOn ?? "nothing"} "
            + $"{string.Join(' ', Spec.AlsoMatchOn)} delimiter '{Spec.TagDelimiter}' "
            + $"add [{string.Join('|', Spec.AddTags)}] null [{string.Join('|', Spec.NullValues)}] {_cells.Format} "
            + $"settings {JsonSerializer.Serialize(Spec.ColumnSettings)} computed {JsonSerializer.Serialize(Spec.ComputedFields)} "
            + $"policies [{string.Join('|', Spec.ColumnPolicies)}] constants {JsonSerializer.Serialize(Spec.Constants)} "
            + $"{Format.Encoding} '{Format.Delimiter}' escape {Format.Escape} header {Format.HasHeader} "
        + $"link {Spec.LinkCompanies} [{string.Join(' ', CompanyType.CustomFields.Select(Describe))}] "
        + $"lanes {Lanes} chunk {ChunkRows} interrupted {IsInterrupted}";

    private string ShowType() =>
        $"{Type.Key} {Type.Autonumber?.Text} "
            + $"[{string.Join(' ', Type.CustomFields.Select(Describe))}]";

    private static string Describe(Field field) =>
        $"{field.Slot}:{field.Key}:{field.Kind}{(field.Required ? " required" : "")}{(field.Unique ? " unique" : "")}";

    /// <summary>The file. Cells are quoted where needed and now and then elsewhere. Some blank lines are inserted.</summary>
    public byte[] Csv()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Format.SkippedRecords; i++) text.Append(i % 2 == 0 ? "A title, and \"more\"\n" : ",,\n");
        if (Format.HasHeader) text.AppendJoin(Format.Delimiter, Headers).Append('\n');
        foreach (var row in Rows)
        {
            if (_random.Next(20) == 0) text.Append('\n');
            text.AppendJoin(Format.Delimiter, row.Select(Quote)).Append(_random.Next(4) == 0 ? "\r\n" : "\n");
        }

        return EncodingOf(Format.Encoding).GetBytes(text.ToString());
    }

    private static Encoding EncodingOf(string name) => name switch
    {
        "utf-8" => new UTF8Encoding(false),
        "utf-16le" => Encoding.Unicode,
        "utf-16be" => Encoding.BigEndianUnicode,
        "utf-32le" => Encoding.UTF32,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(name)!,
    };

    private string Quote(string cell)
    {
        var escapes = Format.Escape == CsvFormat.Backslash;
        if (escapes) cell = cell.Replace("\\", "\\\\", StringComparison.Ordinal);
        var hasBreakOrQuote = cell.IndexOfAny(['"', '\n', '\r']) >= 0;
        if (!hasBreakOrQuote && escapes && _random.Next(3) == 0)
        {
            return cell.Replace(Format.Delimiter.ToString(), "\\" + Format.Delimiter, StringComparison.Ordinal);
        }

        if (!hasBreakOrQuote && !cell.Contains(Format.Delimiter) && _random.Next(8) > 0) return cell;
        var blank = _random.Next(10) == 0 ? " " : "";
        return blank + '"' + cell.Replace("\"", escapes ? "\\\"" : "\"\"", StringComparison.Ordinal) + '"';
    }

    private CsvFormat MakeFormat() => new()
    {
        Encoding = PickEncoding(),
        Delimiter = ",,;\t|"[_random.Next(5)],
        HasHeader = _random.Next(6) > 0,
        Escape = _random.Next(4) == 0 ? CsvFormat.Backslash : '"',
        SkippedRecords = _random.Next(3) == 0 ? _random.Next(4) : 0,
        RaggedRows = _random.Next(3) == 0 ? RaggedRows.Fail : RaggedRows.Pad,
        DropsSurplusBlanks = _random.Next(4) == 0,
    };

    private string PickEncoding()
    {
        string[] narrow = ["windows-1252", "windows-1250", "ibm850", "shift_jis"];
        var encoding = narrow[_random.Next(narrow.Length)];
        if (_random.Next(4) == 0 && Rows.SelectMany(row => row).Concat(Headers).All(cell => CanWrite(encoding, cell))) return encoding;
        return _random.Next(6) switch { 0 => "utf-16le", 1 => "gb18030", 2 => "utf-16be", 3 => "utf-32le", _ => "utf-8" };
    }

    private static bool CanWrite(string encoding, string cell) =>
        EncodingOf(encoding).GetString(EncodingOf(encoding).GetBytes(cell)) == cell;

    private Field[] PickCustomOfCompanies() => _random.Next(6) switch
    {
        0 => [MakeVat(required: true)],
        < 3 => [MakeVat(required: false)],
        _ => [],
    };

    private static Field MakeVat(bool required) =>
        CustomFields.Make(Guid.CreateVersion7(), 1, "vat", "VAT ID", FieldKind.Text, required, unique: false, []);

    private List<Field> PickFields()
    {
        string[] keys = Type.Key switch
        {
            "contacts" when _random.Next(2) == 0 =>
                ["id", "email", "external_id", "phone", "first_name", "company_name", "website", "source_id", "tags"],
            "contacts" => ["id", "email", "external_id", "phone", "first_name", "company_id", "source_id", "birthday", "city", "tags"],
            "companies" => ["id", "name", "domain", "external_id", "website", "employee_count", "annual_revenue", "tags"],
            "sources" => ["id", "name", "external_id", "kind", "url", "tags"],
            _ => ["id", "name", "external_id", "tags"],
        };
        var mappable = keys.Select(key => Type.Find(key)!).Where(field => !field.IsReadOnly).Concat(Type.CustomFields);
        List<Field> fields = [
            .. mappable.Where(
            field => _random.Next(10) < (field.Kind == FieldKind.Id ? 1 : field.Required || field.Key == "company_name" ? 9 : 5))];
        if (keys.Contains("company_name") && _random.Next(2) == 0)
            fields.AddRange(Type.CompanyFields.Where(field => OfCompanies.Contains(field.Key) && _random.Next(2) == 0));
        return fields.Count > 0 ? fields : [Type.Find("external_id")!];
    }

    // imports-confirm never accepts update_only with skip. It requires the mapping of a required field if rows create or overwrite.
    private ImportSpec MakeSpec(List<Field> fields, List<Field> joined)
    {
        var matchable = fields.Where(f => Type.MatchFields.Contains(f.Key)).Select(f => f.Key).ToList();
        var on = matchable.Contains("id") ? "id" : matchable.Count == 0
            || _random.Next(12) == 0 ? null : matchable[_random.Next(matchable.Count)];
        var strategy = (DuplicateStrategy)_random.Next(3);
        var mode = _random.Next(3) > 0 ? ImportMode.Upsert : (ImportMode)_random.Next(3);
        if (strategy == DuplicateStrategy.Skip && mode == ImportMode.UpdateOnly) mode = ImportMode.Upsert;
        var needsRequired = strategy == DuplicateStrategy.Overwrite || (on != "id" && mode != ImportMode.UpdateOnly);
        if (needsRequired && Type.Fields.Any(f => f is { Required: true, IsReadOnly: false } && !fields.Contains(f)) && on is not null)
        {
            (strategy, mode) = (DuplicateStrategy.Merge, ImportMode.UpdateOnly);
        }

        var computed = Type.Fields.Concat(fields.Any(IsOfCompany) ? Type.CompanyFields.Where(each => OfCompanies.Contains(each.Key)) : [])
            .Where(field => !field.IsReadOnly && !fields.Contains(field) && !Type.MatchFields.Contains(field.Key)
            && !WarnsOfForms(field) && field is { Kind: not FieldKind.Reference, Key: not "company_name" }
            && _random.Next(12) == 0).ToList();
        List<string> match = on is null ? [] : [on];
        if (on is not (null or "id") && _random.Next(3) == 0) match.AddRange(matchable.Where(key => key != on && _random.Next(2) == 0));
        var spec = new ImportSpec
        {
            ColumnMapping = fields.Select(f => ("Col " + f.Key, f.Key)).Concat(joined.Select(f => ("Co2 " + f.Key, f.Key))).ToDictionary(),
            ColumnPolicies = PickPolicies(fields, match),
            ColumnSettings = Headers.Where(header => header != "Note" && _random.Next(6) == 0)
                .Select(header => (header, Settings: PickSettings(Type.FindMappable(header[4..])!, match)))
                .ToDictionary(pair => pair.header, pair => JsonSerializer.SerializeToElement(pair.Settings)),
            ComputedFields = computed.ToDictionary(field => field.Key, field => PickComputed(field, match)),
            Constants = PickConstants([.. fields, .. computed]),
            MatchOn = on,
            AlsoMatchOn = [.. match.Skip(1)],
            DuplicateStrategy = strategy,
            Mode = mode,
            BlankCells = (BlankCells)_random.Next(2),
            TagDelimiter = _cells.Delimiter,
            AddTags = _random.Next(3) == 0 ? ["Added", "vip"] : [],
            DateFormat = _cells.Format.Dates,
            DecimalComma = _cells.Format.DecimalComma,
            NullValues = [.. CellPicker.Markers.Where(_ => _random.Next(3) == 0)],
            LinkCompanies = PickLink([.. fields.Concat(computed).Select(f => f.Key)]),
        };
        // imports-confirm refuses a policy of a field of which a record needs one, if such fields may be cleared.
        bool MayHavePolicy(string key) => !spec.MayClearNeeded(Type) || !Type.AnyOf.Contains(key);
        return spec with
        {
            ColumnPolicies = spec.ColumnPolicies.Where(pair => MayHavePolicy(spec.ColumnMapping[pair.Key])).ToDictionary(),
            Constants = spec.Constants
                .Where(pair => pair.Value.ValueKind != JsonValueKind.Object || MayHavePolicy(pair.Key)).ToDictionary(),
        };
    }

    private Dictionary<string, JsonElement> PickConstants(List<Field> fields) => Type.Fields
        .Where(field => field is { Unique: false, IsReadOnly: false } && !fields.Contains(field) && _random.Next(12) == 0)
        .Where(field => field.Kind is FieldKind.Text or FieldKind.Choice or FieldKind.Boolean or FieldKind.Integer)
        .ToDictionary(field => field.Key, field => JsonSerializer.SerializeToElement(_random.Next(2) == 0
            ? Constant(field)
            : new { value = Constant(field), policy = Policy() }));

    // Both columns of a joined value have the same policy.
    private Dictionary<string, ColumnPolicy> PickPolicies(List<Field> fields, List<string> match) => fields
        .Where(field => field is { Unique: false, IsTags: false } && field.Kind != FieldKind.Id && !match.Contains(field.Key))
        .Where(field => field.OfCompany is null or { MatchKey: null })
        .Where(_ => _random.Next(4) == 0)
        .Select(field => (field.Key, Policy: (ColumnPolicy)_random.Next(1, 3)))
        .SelectMany(pair => Headers.Where(header => header[4..] == pair.Key).Select(header => (header, pair.Policy)))
        .ToDictionary();

    private static bool IsOfCompany(Field field) => field.OfCompany is not null;

    private JsonElement PickComputed(Field field, List<string> match)
    {
        var given = PickSettings(field, match);
        given["column"] = Headers[_random.Next(Headers.Length)];
        if (field is { Unique: false, IsTags: false, OfCompany: null or { MatchKey: null } } && _random.Next(3) == 0
            && !(Type.AnyOf.Contains(field.Key) && !match.TrueForAll(Type.AnyOf.Contains)))
        {
            given["policy"] = Policy();
        }

        return JsonSerializer.SerializeToElement(given);
    }

    private Dictionary<string, object> PickSettings(Field field, List<string> match)
    {
        Dictionary<string, object> given = [];
        if (_random.Next(2) == 0 && !WarnsOfForms(field)) given["transforms"] = Transforms(field);
        if (_random.Next(4) == 0 && !field.Type.IsList) given["null_values"] = new[] { "a", _cells.Stored(field) };
        if (_random.Next(4) == 0 && !field.Type.IsList)
        {
            // Two cells that differ by case only would be the same entry.
            given["value_map"] = new[] { _cells.Stored(field), "b", "Vip" }.DistinctBy(cell => cell.ToUpperInvariant())
                .Where(cell => cell.Trim().Length > 0)
                .ToDictionary(cell => cell, _ => _random.Next(3) == 0 ? null : _cells.Stored(field));
        }

        var tellsApart = field.Unique || match.Contains(field.Key);
        if (field.Kind == FieldKind.Choice && !tellsApart && _random.Next(2) == 0) given["unknown"] = "blank";
        if (field.Key == "source_id" && !given.ContainsKey("transforms") && _random.Next(2) == 0) given["by"] = "name";
        var takesDefault = field is { Unique: false, Kind: FieldKind.Text or FieldKind.Choice or FieldKind.Boolean or FieldKind.Integer };
        if (takesDefault && !tellsApart && _random.Next(2) == 0)
        {
            var tellsCompany = TellingFields.All.Contains(field.Key);
            given[tellsCompany || _random.Next(2) == 0 ? "default" : "default_on_create"] = Constant(field);
        }

        return given;
    }

    // The oracle knows dates without a year and several phones of one cell only as the cells of a case have them.
    private static bool WarnsOfForms(Field field) => field.Kind is FieldKind.Phone or FieldKind.Date or FieldKind.DateTime;

    // The oracle does not know of which type an id is, so no id comes from another column.
    private object[] Transforms(Field field) =>
        [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => PickTransform(_random.Next(field.Kind == FieldKind.Reference ? 5 : 6)))];

    private object PickTransform(int kind) => kind switch
    {
        0 => "upper",
        1 => new { name = "strip_prefix", text = "a" },
        2 => new { name = "replace", find = "a", with = "e" },
        3 => new { name = "split", on = " ", nth = _random.Next(2) == 0 ? 1 : -1 },
        4 => new { name = "split", on = "@", nth = 2 },
        _ => new { name = "concat", column = Headers[_random.Next(Headers.Length)], separator = " " },
    };

    private string Policy() => ColumnTarget.Policies.Keys.ElementAt(_random.Next(3));

    private object Constant(Field field) => field.Kind switch
    {
        FieldKind.Boolean => true,
        FieldKind.Integer => 7,
        _ => _cells.Stored(field),
    };

    private string[] Short(List<string> cells)
    {
        string[] row = [.. cells.Take(_random.Next(1, cells.Count))];
        return row.Length == 1 && row[0].All(letter => char.IsWhiteSpace(letter) || letter == '\u200B') ? ["A footer"] : row;
    }

    private LinkCompanies PickLink(string[] mapped) => _random.Next(5) switch
    {
        _ when Type.Key != "contacts" || mapped.Contains("company_id") => LinkCompanies.None,
        < 3 when mapped.Intersect(TellingFields.Names).Any() => LinkCompanies.Create,
        _ when mapped.Any(key => key.StartsWith("company.", StringComparison.Ordinal)) => LinkCompanies.Existing,
        3 when mapped.Intersect(TellingFields.All).Any() => LinkCompanies.Existing,
        _ => LinkCompanies.None,
    };

    // Sources are called "Name" and their id.
    private string CellOf(string header)
    {
        var cell = _cells.Cell(Type.FindMappable(header[4..])!);
        var isByName = Spec.ColumnSettings.TryGetValue(header, out var given) && given.TryGetProperty("by", out _);
        return isByName ? Id().Replace(cell, "Name $0") : cell;
    }

    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")]
    private static partial Regex Id();

    private string[] Row()
    {
        var isBlank = _random.Next(25) == 0;
        _cells.NextPerson();
        List<string> cells = [];
        foreach (var header in Headers)
        {
            cells.Add(header == "Note" ? _cells.Note() : isBlank ? _cells.Blank() : CellOf(header));
        }

        return _random.Next(40) switch
        {
            // A single blank cell would be a blank line.
            < 3 when cells.Count > 2 => Short(cells),
            3 => [.. cells, "more"],
            4 => [.. cells, " "],
            _ => [.. cells],
        };
    }
}
