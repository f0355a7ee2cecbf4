using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Records.Store;

namespace Driftwood.Api.Features.Compat;

/// <summary>The values of records without the native object around them.</summary>
internal static class CompatValues
{
    /// <summary>Every field of the record by its key, built in or custom, in the order of its type; blank ones are null.</summary>
    public static JsonObject ValuesOf(StoredRecord record)
    {
        var native = JsonSerializer.SerializeToNode(record, WireJson.Options)!.AsObject();
        var custom = native["custom"]?.AsObject() ?? [];
        var values = new JsonObject();
        foreach (var field in record.Type.Fields) values[field.Key] = (field.IsCustom ? custom : native)[field.Key]?.DeepClone();
        return values;
    }

    /// <summary>The same without blank fields.</summary>
    public static JsonObject FilledValuesOf(StoredRecord record) => new(
        ValuesOf(record).Where(value => value.Value is not (null or JsonArray { Count: 0 }))
            .Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone())));
}
