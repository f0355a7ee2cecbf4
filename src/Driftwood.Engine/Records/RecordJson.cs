using System.Text.Json;

namespace Driftwood.Engine.Records;

/// <summary>
/// Reads a record's values from JSON. Each kind of field has one JSON form: whole numbers and decimals are numbers,
/// yes or no is a boolean, tags are an array of strings, all else is a string; null or a blank string is a blank field.
/// </summary>
public static class RecordJson
{
    /// <summary>Members that Driftwood sets itself.</summary>
    public static IReadOnlyList<string> ReadOnlyMembers { get; } = ["id", "account_id", "created_at", "created_by", "updated_at", "updated_by"];

    /// <summary>The members a record of the type can be written with.</summary>
    public static IReadOnlyList<string> WritableMembers(RecordType type) => [.. type.Fields.Select(field => field.Key), "custom"];

    /// <summary>Reads members of a JSON object; <paramref name="faults"/> receives every one that is refused.</summary>
    /// <param name="type">Whose fields the members are.</param>
    /// <param name="members">The object's members, without those that are not about the record.</param>
    /// <param name="path">What stands before a member's name in a fault, such as <c>fields.</c>; or empty.</param>
    /// <param name="faults">Grows by one for each refused member.</param>
    public static RecordValues Read(RecordType type, IEnumerable<JsonProperty> members, string path, ICollection<FieldFault> faults)
    {
        RecordValues values = new();
        HashSet<string> seen = [];
        foreach (var member in members)
        {
            var name = JsonText.NameOf(member);
            if (!seen.Add(name)) faults.Add(new FieldFault(path + name, "repeated_member", "The member occurs more than once."));
            else if (Read(type, name, member.Value, path + name, values) is { } fault) faults.Add(fault);
        }

        return values;
    }

    private static FieldFault? Read(RecordType type, string name, JsonElement value, string path, RecordValues values)
    {
        if (name == "custom") return Custom(value, path);
        if (type.Fields.FirstOrDefault(field => field.Key == name) is { } field)
        {
            return field.Kind == FieldKind.Tags ? Tags(value, path, values) : Single(field, value, path, values);
        }

        return ReadOnlyMembers.Contains(name)
            ? new FieldFault(path, "read_only", "Set by Driftwood; leave it out.")
            : new FieldFault(path, "unknown_field", $"There is no such field of {type.Key}.") { Accepted = WritableMembers(type) };
    }

    private static FieldFault? Single(Field field, JsonElement value, string path, RecordValues values)
    {
        if (value.ValueKind != JsonValueKind.Null && !Takes(field.Kind, value.ValueKind)) return WrongType(path, value, Expected(field.Kind));
        var fault = JsonText.Of(value, out var text) ? values.Set(field, text) : CellFault.Characters;
        return fault is null ? null : new FieldFault(path, fault.Code, fault.Message);
    }

    private static FieldFault? Tags(JsonElement value, string path, RecordValues values)
    {
        List<string> tags = [];
        if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array)) return WrongType(path, value, Expected(FieldKind.Tags));
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                var place = FormattableString.Invariant($"{path}[{tags.Count}]");
                if (item.ValueKind != JsonValueKind.String) return WrongType(place, item, "a string");
                if (!JsonText.Of(item, out var tag)) return new FieldFault(place, CellFault.Characters.Code, CellFault.Characters.Message);
                tags.Add(tag!);
            }
        }

        return values.SetTags(tags) is { } fault ? new FieldFault(path, fault.Code, fault.Message) : null;
    }

    private static FieldFault? Custom(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object when !value.EnumerateObject().Any() => null,
        JsonValueKind.Object => new FieldFault(path, "unknown_field", "The account has no custom fields; expected {}.") { Accepted = [] },
        _ => WrongType(path, value, "an object"),
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

    private static FieldFault WrongType(string path, JsonElement found, string expected) =>
        new(path, "invalid_type", $"Found {JsonText.KindOf(found)}; expected {expected} or null.");
}
