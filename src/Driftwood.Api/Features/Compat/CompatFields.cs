using System.Text.Json;
using Driftwood.Api.Features.Fields;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat;

/// <summary>What a caller can do about a property for which the record type has no field.</summary>
internal static class CompatFields
{
    /// <summary>A sentence with the call that makes the field, or with the reason why there can be none.</summary>
    /// <param name="type">The record type.</param>
    /// <param name="key">The key that the field would have.</param>
    /// <param name="value">The value that was sent for it; its kind of JSON decides the field's kind.</param>
    /// <param name="kind">The field's kind, if it does not depend on the value.</param>
    public static string Advice(RecordType type, string key, JsonElement value, string? kind = null)
    {
        if (FieldRules.KeyFault(key) is not null || type.Find(key) is not null) return $"No field of {type.Key} can have this name.";
        kind ??= KindOf(value);
        if (kind is null) return "Objects are not kept: send their members as properties.";
        var call = JsonSerializer.Serialize(new { record_type = type.Key, key, kind });
        return $"There is no such field. POST /api/fields-create {call} makes it.";
    }

    private static string? KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "decimal",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String) ? "tags" : null,
        JsonValueKind.Object => null,
        _ => "text",
    };
}
