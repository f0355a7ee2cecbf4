using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// Reads a record's values from JSON. Each kind of field has one JSON form: whole numbers and decimals are numbers,
/// yes or no is a boolean, tags are an array of strings, all else is a string; null or a blank string is a blank field.
/// </summary>
public static class RecordJson
{
    /// <summary>A record with more is no record; each fault can carry a list of what would have been accepted.</summary>
    private const int MaxFaults = 100;

    /// <summary>Members that Driftwood sets itself.</summary>
    public static IReadOnlyList<string> ReadOnlyMembers { get; } =
        ["id", "account_id", "created_at", "created_by", "updated_at", "updated_by"];

    /// <summary>The members a record of the type can be written with.</summary>
    public static IReadOnlyList<string> WritableMembers(RecordType type) =>
        [.. type.Fields.Where(field => field is { IsReadOnly: false, IsCustom: false }).Select(field => field.Key), "custom"];

    /// <summary>
    /// Reads the members of a JSON object; <paramref name="faults"/> grows by one for each of the first hundred that are
    /// refused. Custom fields stand in <c>custom</c>, or beside the others under their keys, as in mappings and filters.
    /// </summary>
    /// <param name="type">Whose fields.</param>
    /// <param name="members">The object's.</param>
    /// <param name="faults">Grows.</param>
    /// <param name="takesText">Whether a string will do for a field of any kind, read as a file's cell is.</param>
    public static RecordValues Read(
        RecordType type, IEnumerable<KeyValuePair<string, JsonElement>> members, ICollection<Fault> faults, bool takesText = false)
    {
        RecordValues values = new();
        foreach (var (name, value) in members)
        {
            if (name == "custom") ReadCustom(type, value, values, faults, takesText);
            else Add(faults, Read(type, name, name, value, values, takesText));
        }

        return values;
    }

    /// <summary>The same for a new record: what it lacks is refused too.</summary>
    public static RecordValues ReadNew(RecordType type, IReadOnlyDictionary<string, JsonElement> members, ICollection<Fault> faults)
    {
        var values = Read(type, members, faults);
        var refused = faults.Select(KeyOf).ToHashSet();
        foreach (var missing in values.MissingIn(type))
        {
            // One of several sufficient fields may be among those refused; only a required field is surely missing.
            if (refused.Count == 0 || (!refused.Contains(KeyOf(missing)) && !type.AnyOf.Contains(missing.Path))) faults.Add(missing);
        }

        return values;
    }

    private static string KeyOf(Fault fault) =>
        fault.Path.StartsWith("custom.", StringComparison.Ordinal) ? fault.Path["custom.".Length..] : fault.Path;

    private static void Add(ICollection<Fault> faults, Fault? fault)
    {
        if (fault is not null && faults.Count < MaxFaults) faults.Add(fault);
    }

    private static void ReadCustom(RecordType type, JsonElement custom, RecordValues values, ICollection<Fault> faults, bool takesText)
    {
        if (custom.ValueKind == JsonValueKind.Null) return;
        if (custom.ValueKind != JsonValueKind.Object)
        {
            Add(faults, WrongType("custom", custom, "an object"));
            return;
        }

        foreach (var member in custom.EnumerateObject())
        {
            if (type.CustomFields.Any(field => field.Key == member.Name))
            {
                Add(faults, Read(type, "custom." + member.Name, member.Name, member.Value, values, takesText));
            }
            else
            {
                Add(faults, Unknown(type, "custom." + member.Name, [.. type.CustomFields.Select(field => field.Key)]));
            }
        }
    }

    private static Fault? Read(RecordType type, string path, string key, JsonElement value, RecordValues values, bool takesText)
    {
        if (type.Fields.FirstOrDefault(field => field.Key == key) is not { } field)
        {
            return ReadOnlyMembers.Contains(key)
                ? ReadOnly(path)
                : Unknown(type, path, [.. WritableMembers(type), .. type.CustomFields.Select(custom => custom.Key)]);
        }

        if (field.IsReadOnly) return ReadOnly(path);
        if (values.Has(key)) return new Fault(path, "duplicate_field", "Given twice; custom fields stand in custom or beside it.");
        values.SetPath(field, path);
        return field.Type.IsList ? Tags(field, path, value, values) : Single(field, path, value, values, takesText);
    }

    private static Fault ReadOnly(string path) => new(path, "read_only", "Set by Driftwood; leave it out.");

    private static Fault Unknown(RecordType type, string path, IReadOnlyList<string> accepted) =>
        new(path, "unknown_member", $"There is no such field of {type.Key}.") { Accepted = accepted };

    private static Fault? Single(Field field, string path, JsonElement value, RecordValues values, bool takesText)
    {
        var fits = value.ValueKind == JsonValueKind.Null
            || JsonText.FormOf(value) == field.Type.Form
            || (takesText && value.ValueKind == JsonValueKind.String);
        if (!fits) return WrongType(path, value, field.Type.Expected);
        var fault = values.Set(field, JsonText.Of(value));
        return fault is null ? null : new Fault(path, fault.Code, fault.Message);
    }

    private static Fault? Tags(Field field, string path, JsonElement value, RecordValues values)
    {
        List<string> tags = [];
        if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array)) return WrongType(path, value, field.Type.Expected);
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.String)
                {
                    return WrongType(FormattableString.Invariant($"{path}[{tags.Count}]"), item, "a string");
                }

                tags.Add(JsonText.String(item));
            }
        }

        return values.SetTags(field, tags) is { } fault ? new Fault(path, fault.Code, fault.Message) : null;
    }

    private static Fault WrongType(string field, JsonElement found, string expected) =>
        new(field, "wrong_type", $"Found {JsonText.KindOf(found)}, expected {expected}{(field.EndsWith(']') ? "" : " or null")}.");
}
