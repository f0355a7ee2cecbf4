using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.Requests;

/// <summary>Holds a body against a <see cref="Shape"/> and collects everything that does not fit.</summary>
internal sealed class ShapeReader
{
    /// <summary>A hundred thousand bad ids are told by their first hundred.</summary>
    public const int MaxDetails = 100;

    private readonly List<Fault> _details = [];

    private ShapeReader()
    {
    }

    /// <summary>Empty when the body fits.</summary>
    public static IReadOnlyList<Fault> Check(JsonElement body, Shape shape)
    {
        var reader = new ShapeReader();
        reader.Read(body, shape, "", 1);
        return reader._details;
    }

    /// <summary>The first member on the way to a field: <c>params.add[0]</c> → <c>params</c>.</summary>
    public static string TopLevel(string field) =>
        field.IndexOfAny(['.', '[']) is var end and >= 0 ? field[..end] : field;

    private void Read(JsonElement value, Shape shape, string path, int depth)
    {
        if (_details.Count >= MaxDetails)
            return;
        if (depth > WireJson.MaxDepth)
        {
            Add(path, "too_deep", $"Nested deeper than {WireJson.MaxDepth} levels.");
            return;
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            if (!shape.AcceptsNull)
                Mismatch(value, shape, path);
            return;
        }

        if (value.ValueKind == JsonValueKind.String && !IsStorable(value, path))
            return;
        switch (shape.Kind)
        {
            case ShapeKind.Object when value.ValueKind == JsonValueKind.Object:
                ReadObject(value, shape, path, depth);
                break;
            case ShapeKind.Map or ShapeKind.Any when value.ValueKind == JsonValueKind.Object:
                ReadMap(value, shape, path, depth);
                break;
            case ShapeKind.List or ShapeKind.Any when value.ValueKind == JsonValueKind.Array:
                ReadItems(value, shape, path, depth);
                break;
            default:
                if (!Fits(value, shape))
                    Mismatch(value, shape, path);
                break;
        }
    }

    private void ReadObject(JsonElement value, Shape shape, string path, int depth)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in Members(value, path))
        {
            var field = Join(path, property.Name);
            if (!seen.Add(property.Name))
                Add(field, "duplicate_member", "Given more than once.");
            else if (shape.Members.TryGetValue(property.Name, out var member))
                ReadMember(property.Value, member, field, depth + 1);
            else
                Add(field, "unknown_member", "There is no such member here.", [.. shape.Members.Keys]);
        }

        foreach (var (name, member) in shape.Members)
        {
            if (member.Required && !seen.Contains(name))
                Add(Join(path, name), "required", $"Missing: expected {member.Shape.Expected}.");
        }
    }

    // A list that is too long is refused before its items are read: a million of them cost a hundred times their bytes.
    private void ReadMember(JsonElement value, Shape.Member member, string field, int depth)
    {
        if (member.MaxCount is { } max && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is var count && count > max)
            Add(field, "out_of_range", $"Found {count} items, expected 1 to {max}.");
        else
            Read(value, member.Shape, field, depth);
    }

    private void ReadMap(JsonElement value, Shape shape, string path, int depth)
    {
        var element = shape.Kind == ShapeKind.Map ? shape.Element : shape;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in Members(value, path))
        {
            var field = Join(path, property.Name);
            if (!seen.Add(property.Name))
                Add(field, "duplicate_member", "Given more than once.");
            else
                Read(property.Value, element, field, depth + 1);
        }
    }

    private void ReadItems(JsonElement value, Shape shape, string path, int depth)
    {
        var element = shape.Kind == ShapeKind.List ? shape.Element : shape;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            // A hundred thousand ids may fit: their paths are not written out.
            if (depth >= WireJson.MaxDepth || !IsPlain(item) || !Fits(item, element))
                Read(item, element, $"{path}[{index}]", depth + 1);
            if (_details.Count >= MaxDetails)
                return;
            index++;
        }
    }

    private static bool IsPlain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array => false,
        JsonValueKind.String => StorableText.FirstFault(JsonMarshal.GetRawUtf8Value(value)) is null,
        _ => true,
    };

    /// <summary>The object's members whose names can be read at all; the others are reported.</summary>
    private IEnumerable<JsonProperty> Members(JsonElement value, string path)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (StorableText.FirstFault(JsonMarshal.GetRawUtf8PropertyName(property)) is { } found)
                Add(path, "invalid_characters", $"The name of a member holds {found}, which cannot be stored as text.");
            else
                yield return property;
        }
    }

    private bool IsStorable(JsonElement text, string path)
    {
        if (StorableText.FirstFault(JsonMarshal.GetRawUtf8Value(text)) is not { } found)
            return true;
        Add(path, "invalid_characters", $"Holds {found}, which cannot be stored as text.");
        return false;
    }

    private static bool Fits(JsonElement value, Shape shape) => shape.Kind switch
    {
        ShapeKind.Any => true,
        ShapeKind.Text => value.ValueKind == JsonValueKind.String,
        ShapeKind.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ShapeKind.Integer or ShapeKind.Number => value.ValueKind == JsonValueKind.Number && IsInRange(value, shape.Type),
        ShapeKind.Uuid => value.ValueKind == JsonValueKind.String && value.TryGetGuid(out _),
        ShapeKind.Time => value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out _)
            && HasOffset(value.GetString()!),
        ShapeKind.Date => value.ValueKind == JsonValueKind.String
            && DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, 0, out _),
        ShapeKind.Choice => value.ValueKind == JsonValueKind.String && shape.Choices.Contains(value.GetString()!),
        _ => false,
    };

    // RFC 3339: a time without an offset would mean whatever zone the server happens to be in.
    private static bool HasOffset(string time) =>
        time.Contains('T', StringComparison.Ordinal) && (time[^1] == 'Z' || time[^6] is '+' or '-');

    private static bool IsInRange(JsonElement number, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int16 => number.TryGetInt16(out _),
        TypeCode.Int32 => number.TryGetInt32(out _),
        TypeCode.Int64 => number.TryGetInt64(out _),
        TypeCode.Decimal => number.TryGetDecimal(out _),
        _ => number.TryGetDouble(out var value) && double.IsFinite(value),
    };

    private void Mismatch(JsonElement found, Shape shape, string path)
    {
        var accepted = shape.Kind == ShapeKind.Choice ? shape.Choices : null;
        var sameKind = found.ValueKind == JsonValueKind.String && shape.Kind > ShapeKind.Number
            && shape.Kind < ShapeKind.List;
        var code = (sameKind, shape.Kind) switch
        {
            (true, ShapeKind.Uuid) => "invalid_uuid",
            (true, ShapeKind.Choice) => "invalid_choice",
            (true, _) => "invalid_date",
            _ => "wrong_type",
        };
        Add(path, code, $"Found {Found.Describe(found)}, expected {shape.Expected}.", accepted);
    }

    private void Add(string path, string code, string message, IReadOnlyList<string>? accepted = null) =>
        _details.Add(new Fault(path, code, message, accepted));

    private static string Join(string path, string name) =>
        path.Length == 0 ? Found.Shorten(name) : $"{path}.{Found.Shorten(name)}";
}
