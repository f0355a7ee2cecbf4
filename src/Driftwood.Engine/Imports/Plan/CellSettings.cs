using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Imports.Transforms;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>
/// How the text of a column's cells becomes the value of a field: the members of a mapped column beside its field and policy.
/// </summary>
/// <remarks>
/// In this order: the column's own null values; the transforms, one after the other; the value map; and the default for a cell that is
/// blank then.
/// </remarks>
public sealed class CellSettings
{
    /// <summary>The most entries of a value map.</summary>
    public const int MaxMapped = 1_000;

    private const string OnCreateMember = "default_on_create";
    private const string ByMember = "by";

    private static readonly string[] UnknownWords = ["fail", "blank", "add_option"];

    private IReadOnlyList<Transform> _transforms = [];
    private Dictionary<string, string> _valueMap = [];
    private NullMarkers? _nullValues;

    private CellSettings()
    {
    }

    /// <summary>The members that a column may have beside its field and its policy.</summary>
    public static IReadOnlyList<string> Members { get; } =
        ["transforms", "value_map", "null_values", "default", OnCreateMember, "unknown", ByMember];

    /// <summary>The stored form of the value of blank cells; null: they are blank.</summary>
    internal byte[]? Default { get; private set; }

    /// <summary>The stored form of the value of blank cells where a record is created; null: they are blank.</summary>
    internal byte[]? OnCreate { get; private set; }

    /// <summary>The field of the record that a reference points to, whose value cells have; null: they have its id.</summary>
    internal Field? By { get; private set; }

    /// <summary>A value that is no option of the field counts as blank, with a warning. Otherwise the row fails.</summary>
    internal bool BlanksUnknown { get; private set; }

    /// <summary>Values that are no options become options when the import is confirmed.</summary>
    internal bool AddsOptions { get; private set; }

    /// <summary>A cell is read as it stands.</summary>
    internal bool KeepsText => _transforms.Count == 0 && _valueMap.Count == 0 && _nullValues is null;

    /// <summary>Finds what is wrong with the settings of a column. Paths begin below the column.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="field">The field of the column.</param>
    /// <param name="isMatch">Rows are matched on the field.</param>
    /// <param name="headers">The columns of the file.</param>
    /// <param name="given">An object with <see cref="Members"/>.</param>
    public static IReadOnlyList<Fault> Check(
        RecordType type, Field field, bool isMatch, IReadOnlyList<string> headers, JsonElement given)
    {
        List<Fault> faults = [];
        var takesDefault = !field.Unique && !field.Type.IsList && field.Kind != FieldKind.Id && !isMatch;
        var reason = field.Type.IsList ? "is a list; add_tags adds tags to every record" : "tells records apart";
        foreach (var name in (string[])["default", OnCreateMember, "unknown"])
        {
            if (takesDefault || !given.TryGetProperty(name, out _)) continue;
            faults.Add(new Fault(name, "conflict", $"{field.Key} {reason}, so its column has no {name}."));
        }

        if (field.Kind == FieldKind.Reference && given.TryGetProperty(OnCreateMember, out _))
            faults.Add(new Fault(OnCreateMember, "conflict", $"{field.Key} points to a record: use default."));
        Read(type, field, headers, given, faults);
        return [.. faults.DistinctBy(fault => fault.Path)];
    }

    /// <summary>Whether settings add unknown values to the options of their field.</summary>
    internal static bool AddOptions(JsonElement given) =>
        given.TryGetProperty("unknown", out var word) && word.ValueKind == JsonValueKind.String && word.ValueEquals(UnknownWords[2]);

    /// <summary>Reads the settings, as far as they are sound.</summary>
    internal static CellSettings Read(
        RecordType type, Field field, IReadOnlyList<string> headers, JsonElement given, List<Fault> faults)
    {
        var settings = new CellSettings();
        foreach (var member in given.EnumerateObject())
        {
            List<Fault> found = [];
            settings.Read(type, field, headers, member, found);
            faults.AddRange(found.Select(fault => fault with { Path = PathOf(member.Name, fault.Path) }));
        }

        if (settings is { By: not null, Default: not null })
            faults.Add(new Fault("default", "conflict", "A default is an id, and the cells have another field's values: use value_map."));
        if (settings is { Default: not null, OnCreate: not null })
            faults.Add(new Fault(OnCreateMember, "conflict", "default gives blank cells a value already."));
        return settings;
    }

    /// <summary>Appends the text of a cell as the field reads it; nothing for a blank one, which may have a default.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="isDate">The field is a date.</param>
    /// <param name="format">How the file's cells are written.</param>
    /// <param name="columns">The texts of the row's other columns.</param>
    /// <param name="output">Gets the text.</param>
    internal void Write(ReadOnlySpan<byte> cell, bool isDate, in CellFormat format, Func<int, string> columns, ByteBuffer output)
    {
        if (!Utf8.IsValid(cell))
        {
            // Bytes that are not text stay, and the reader of the cell refuses them.
            output.Append(cell);
            return;
        }

        var text = CellText.Of(cell, isDate, format);
        if (_nullValues?.Contains(text) == true) text = default;
        if (_transforms.Count == 0 && _valueMap.Count == 0) output.Append(text);
        else output.Append(Encoding.UTF8.GetBytes(Change(Encoding.UTF8.GetString(text), columns)));
    }

    private static string PathOf(string member, string path) => path switch
    {
        "" => member,
        ['[', ..] => member + path,
        _ => $"{member}.{path}",
    };

    private string Change(string text, Func<int, string> columns)
    {
        foreach (var transform in _transforms) text = transform.Apply(text, columns);
        text = Blank.Trim(text);
        return _valueMap.GetValueOrDefault(text, text);
    }

    private void Read(RecordType type, Field field, IReadOnlyList<string> headers, JsonProperty member, List<Fault> faults)
    {
        switch (member.Name)
        {
            case "transforms":
                _transforms = Transform.ReadAll(member.Value, headers, faults);
                break;
            case "value_map":
                _valueMap = ReadMap(member.Value, faults);
                break;
            case "null_values":
                _nullValues = ReadNullValues(member.Value, faults);
                break;
            case "default":
                Default = ReadValue(type, field, member.Value, faults);
                break;
            case OnCreateMember:
                OnCreate = ReadValue(type, field, member.Value, faults);
                break;
            case "unknown":
                var unknown = ReadUnknown(field, member.Value, faults);
                (BlanksUnknown, AddsOptions) = (unknown == UnknownWords[1], unknown == UnknownWords[2]);
                break;
            case ByMember:
                By = ReadBy(field, member.Value, faults);
                break;
            default:
                faults.Add(new Fault("", "unknown_member", "There is no such member.", ["field", "policy", .. Members]));
                break;
        }
    }

    private static Dictionary<string, string> ReadMap(JsonElement given, List<Fault> faults)
    {
        Dictionary<string, string> map = new(StringComparer.OrdinalIgnoreCase);
        if (given.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new Fault("", "wrong_type", $"Found {JsonText.KindOf(given)}, expected an object from values of cells to values."));
            return map;
        }

        if (given.GetPropertyCount() > MaxMapped)
        {
            faults.Add(new Fault("", "out_of_range", $"Found {given.GetPropertyCount()} values, expected at most {MaxMapped}."));
            return map;
        }

        foreach (var pair in given.EnumerateObject())
        {
            var cell = Blank.Trim(pair.Name);
            if (cell.Length is 0 or > Transform.MaxText)
                faults.Add(new Fault("", "out_of_range", $"Expected values of cells, of 1 to {Transform.MaxText} characters."));
            else if (pair.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                faults.Add(new Fault(cell, "wrong_type", $"Found {JsonText.KindOf(pair.Value)}, expected a string, or null for no value."));
            else if (!map.TryAdd(cell, pair.Value.ValueKind == JsonValueKind.Null ? "" : JsonText.String(pair.Value)))
                faults.Add(new Fault(cell, "duplicate_value", "The value is mapped more than once. Case does not count."));
            else if (map[cell].Length > Transform.MaxText)
                faults.Add(new Fault(cell, "too_long", $"Expected at most {Transform.MaxText} characters."));
        }

        return map;
    }

    private static NullMarkers? ReadNullValues(JsonElement given, List<Fault> faults)
    {
        if (given.ValueKind != JsonValueKind.Array || given.EnumerateArray().Any(value => value.ValueKind != JsonValueKind.String))
        {
            faults.Add(new Fault("", "wrong_type", "Expected an array of strings."));
            return null;
        }

        string[] values = [.. given.EnumerateArray().Select(JsonText.String)];
        if (values.Length > NullMarkers.Max)
            faults.Add(new Fault("", "out_of_range", $"Found {values.Length} values, expected at most {NullMarkers.Max}."));
        else if (values.Any(value => value.Length > NullMarkers.MaxLength))
            faults.Add(new Fault("", "too_long", $"Expected strings of at most {NullMarkers.MaxLength} characters."));
        else return NullMarkers.Of(values);
        return null;
    }

    private static byte[]? ReadValue(RecordType type, Field field, JsonElement given, List<Fault> faults)
    {
        List<Fault> found = [];
        var (owner, key) = type.OwnerOf(field.Key);
        var values = RecordJson.Read(owner, [KeyValuePair.Create(key, given)], found);
        if (found.Count > 0) faults.Add(found[0] with { Path = "" });
        else if (values[key] is { Length: > 0 } text) return Encoding.UTF8.GetBytes(text);
        else faults.Add(new Fault("", "required", "Expected a value: a default cannot be blank."));
        return null;
    }

    private static Field? ReadBy(Field field, JsonElement given, List<Fault> faults)
    {
        var target = field.Target is null ? null : RecordTypes.Find(field.Target);
        if (target is null)
        {
            faults.Add(new Fault("", "conflict", $"{field.Key} points to no record, so its column has no by."));
            return null;
        }

        var key = given.ValueKind == JsonValueKind.String ? JsonText.String(given) : null;
        if (key == RecordType.Id.Key) return null;
        if (key is not null && target.MatchFields.Contains(key)) return target.Find(key);
        faults.Add(new Fault("", "invalid_choice", $"Expected a match field of {target.Key}.", target.MatchFields));
        return null;
    }

    private static string? ReadUnknown(Field field, JsonElement given, List<Fault> faults)
    {
        if (field.Kind != FieldKind.Choice)
            faults.Add(new Fault("", "conflict", $"{field.Key} has no options, so its column has no unknown."));
        else if (given.ValueKind != JsonValueKind.String || !UnknownWords.Contains(JsonText.String(given)))
            faults.Add(new Fault("", "invalid_choice", "Expected what becomes of a value that is no option.", UnknownWords));
        else return JsonText.String(given);
        return null;
    }
}
