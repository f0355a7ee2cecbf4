using System.Text.Json;

namespace Driftwood.Engine.Records;

/// <summary>
/// Reads a record's values from JSON. Each kind of field has one JSON form: whole numbers and decimals are numbers,
/// yes or no is a boolean, tags are an array of strings, all else is a string; null or a blank string is a blank field.
/// </summary>
public static class RecordJson
{
    /// <summary>A record with more is no record; each fault can carry a list of what would have been accepted.</summary>
    private const int MaxFaults = 100;

    /// <summary>Members that Driftwood sets itself.</summary>
    public static IReadOnlyList<string> ReadOnlyMembers { get; } = ["id", "account_id", "created_at", "created_by", "updated_at", "updated_by"];

    /// <summary>The members a record of the type can be written with.</summary>
    public static IReadOnlyList<string> WritableMembers(RecordType type) => [.. type.Fields.Select(field => field.Key), "custom"];

    /// <summary>Reads the members of a JSON object; <paramref name="faults"/> grows by one for each of the first hundred that are refused.</summary>
    public static RecordValues Read(RecordType type, IEnumerable<KeyValuePair<string, JsonElement>> members, ICollection<FieldFault> faults)
    {
        RecordValues values = new();
        foreach (var (name, value) in members)
        {
            if (faults.Count == MaxFaults) break;
            if (Read(type, name, value, values) is { } fault) faults.Add(fault);
        }

        return values;
    }

    /// <summary>The same for a new record: what it lacks is refused too.</summary>
    public static RecordValues ReadNew(RecordType type, IReadOnlyDictionary<string, JsonElement> members, ICollection<FieldFault> faults)
    {
        var values = Read(type, members, faults);
        var told = faults.Select(fault => fault.Field).ToHashSet();
        // One of several that would do may be among those refused; only a field that must be there is surely missing.
        foreach (var missing in values.MissingIn(type).Where(fault => told.Count == 0 || (!told.Contains(fault.Field) && !type.AnyOf.Contains(fault.Field))))
        {
            faults.Add(missing);
        }

        return values;
    }

    private static FieldFault? Read(RecordType type, string name, JsonElement value, RecordValues values)
    {
        if (name == "custom") return Custom(value);
        if (type.Fields.FirstOrDefault(field => field.Key == name) is { } field)
        {
            return field.Kind == FieldKind.Tags ? Tags(value, values) : Single(field, value, values);
        }

        return ReadOnlyMembers.Contains(name)
            ? new FieldFault(name, "read_only", "Set by Driftwood; leave it out.")
            : new FieldFault(name, "unknown_member", $"There is no such field of {type.Key}.") { Accepted = WritableMembers(type) };
    }

    private static FieldFault? Single(Field field, JsonElement value, RecordValues values)
    {
        if (value.ValueKind != JsonValueKind.Null && !Takes(field.Kind, value.ValueKind)) return WrongType(field.Key, value, Expected(field.Kind));
        var fault = values.Set(field, JsonText.Of(value));
        return fault is null ? null : new FieldFault(field.Key, fault.Code, fault.Message);
    }

    private static FieldFault? Tags(JsonElement value, RecordValues values)
    {
        List<string> tags = [];
        if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array)) return WrongType("tags", value, Expected(FieldKind.Tags));
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.String) return WrongType(FormattableString.Invariant($"tags[{tags.Count}]"), item, "a string");
                tags.Add(item.GetString()!);
            }
        }

        return values.SetTags(tags) is { } fault ? new FieldFault("tags", fault.Code, fault.Message) : null;
    }

    private static FieldFault? Custom(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object when !value.EnumerateObject().Any() => null,
        JsonValueKind.Object => new FieldFault("custom", "unknown_member", "The account has no custom fields; expected {}.") { Accepted = [] },
        _ => WrongType("custom", value, "an object"),
    };

    private static bool Takes(FieldKind kind, JsonValueKind found) => kind switch
    {
        FieldKind.Integer or FieldKind.Decimal => found == JsonValueKind.Number,
        FieldKind.Boolean => found is JsonValueKind.True or JsonValueKind.False,
        _ => found == JsonValueKind.String,
    };

    private static string Expected(FieldKind kind) => kind switch
    {
        FieldKind.Integer => "a whole number",
        FieldKind.Decimal => "a number",
        FieldKind.Boolean => "true or false",
        FieldKind.Tags => "an array of strings",
        FieldKind.Date => "a string such as \"1990-02-28\"",
        FieldKind.DateTime => "a string such as \"2025-06-15T14:30:00Z\"",
        FieldKind.Reference => "a string with an id",
        _ => "a string",
    };

    private static FieldFault WrongType(string field, JsonElement found, string expected) =>
        new(field, "wrong_type", $"Found {JsonText.KindOf(found)}, expected {expected}{(field.EndsWith(']') ? "" : " or null")}.");
}
