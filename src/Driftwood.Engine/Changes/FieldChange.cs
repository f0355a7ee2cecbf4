using System.Text.Json;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Changes;

/// <summary>A field of a record that changed.</summary>
/// <param name="Field">The field's key; that of a custom field stands after <c>custom.</c>.</param>
/// <param name="Before">The value before; null if the field was blank.</param>
/// <param name="After">The value after; null if the field is blank.</param>
public sealed record FieldChange(string Field, JsonElement? Before, JsonElement? After)
{
    /// <summary>Reads a detail of the change log. Match keys and the values of deleted fields are left out.</summary>
    /// <param name="type">The type of the record, as it is now.</param>
    /// <param name="detail">The detail; null if none was kept.</param>
    public static IReadOnlyList<FieldChange> Read(RecordType type, string? detail)
    {
        if (string.IsNullOrEmpty(detail)) return [];
        List<FieldChange> changes = [];
        JsonElement? custom = null;
        foreach (var column in JsonElement.Parse($"{{{detail[1..]}}}").EnumerateObject())
        {
            if (column.NameEquals("custom")) custom = column.Value;
            else if (type.Find(column.Name) is { IsCustom: false } field)
                changes.Add(new FieldChange(field.Key, Filled(column.Value[0]), Filled(column.Value[1])));
        }

        if (custom is { } slots) changes.AddRange(ReadCustom(type, slots[0], slots[1]));
        return changes;
    }

    private static IEnumerable<FieldChange> ReadCustom(RecordType type, JsonElement before, JsonElement after)
    {
        foreach (var field in type.CustomFields)
        {
            var (old, now) = (Slot(before, field), Slot(after, field));
            if (old?.GetRawText() != now?.GetRawText()) yield return new FieldChange("custom." + field.Key, old, now);
        }
    }

    // Tags are stored with their keys.
    private static JsonElement? Slot(JsonElement custom, Field field)
    {
        if (custom.ValueKind != JsonValueKind.Object || !custom.TryGetProperty(Invariant($"{field.Slot}"), out var value)) return null;
        return field.Type.IsList && value.ValueKind == JsonValueKind.Object ? value.GetProperty("names") : value;
    }

    private static JsonElement? Filled(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value;
}
