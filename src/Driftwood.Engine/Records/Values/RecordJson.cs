using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// Reads a record's values from JSON. Each kind of field has one JSON form: whole numbers and decimals are numbers, a boolean is a
/// boolean, tags are an array of strings, and every other value is a string. Null or a blank string is a blank field.
/// </summary>
public static class RecordJson
{
    /// <summary>Maximum faults reported for a record. Each fault can carry a list of accepted values.</summary>
    private const int MaxFaults = 100;

    /// <summary>Members that Driftwood sets itself.</summary>
    public static IReadOnlyList<string> ReadOnlyMembers { get; } =
        ["id", "account_id", "created_at", "created_by", "updated_at", "updated_by"];

    /// <summary>The members that a caller can write in a record of the type.</summary>
    public static IReadOnlyList<string> WritableMembers(RecordType type) =>
        [.. type.Fields.Where(field => field is { IsReadOnly: false, IsCustom: false }).Select(field => field.Key), "custom"];

    /// <summary>
    /// Reads the members of a JSON object. <paramref name="faults"/> gets one fault for each refused member, at most a hundred.
    /// Custom fields are in <c>custom</c>, or beside the other fields under their keys, as in mappings and filters.
    /// </summary>
    /// <param name="type">The type whose fields are read.</param>
    /// <param name="members">The members of the object.</param>
    /// <param name="faults">Gets the faults.</param>
    /// <param name="takesText">Whether a field of any kind accepts a string, which is then read like a cell of a file.</param>
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

    /// <summary>The same for a new record, which is also refused if it lacks a required value.</summary>
    public static RecordValues ReadNew(RecordType type, IReadOnlyDictionary<string, JsonElement> members, ICollection<Fault> faults)
    {
        var values = Read(type, members, faults);
        var refused = faults.Select(KeyOf).ToHashSet();
        foreach (var missing in values.MissingIn(type))
        {
            // A refused field may be one of several sufficient ones. Only a required field is certainly missing.
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
        var fault = value.ValueKind == JsonValueKind.String ? SetText(field, value, values) : values.Set(field, JsonText.Of(value));
        return fault is null ? null : new Fault(path, fault.Code, fault.Message);
    }

    // A string would take twice the bytes of the text, which may be megabytes although no field accepts so much.
    private static Fault? SetText(Field field, JsonElement text, RecordValues values)
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(text));
        reader.Read();
        if (!reader.ValueIsEscaped) return values.Set(field, reader.ValueSpan);
        var unescaped = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return values.Set(field, unescaped.AsSpan(0, reader.CopyString(unescaped)));
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate is valid JSON but not text.
            return CellFaults.Characters;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unescaped);
        }
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
