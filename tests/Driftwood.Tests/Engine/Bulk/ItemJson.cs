using System.Text.Json.Nodes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Writes items in the ways that a caller may.</summary>
internal sealed class ItemJson(Random random, RecordType type)
{
    private readonly bool _apart = random.Next(2) == 0;
    private readonly bool _asText = random.Next(2) == 0;

    public string Write(PlainItem item)
    {
        JsonObject json = [];
        JsonObject custom = [];
        if (item.Id is { } id) json["id"] = id.ToString();
        foreach (var (key, value) in item.Fields) (IsApart(key) ? custom : json)[key] = Value(type.Find(key)!, value);
        foreach (var (key, list) in item.Lists) (IsApart(key) ? custom : json)[key] = new JsonArray([.. list.Select(tag => (JsonNode)tag)]);
        if (item.Tags is { } tags) json["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]);
        if (custom.Count > 0) json["custom"] = custom;
        if (item.Bad is { } bad) json[bad.Name] = bad.Value?.DeepClone();
        return json.ToJsonString();
    }

    // Custom values are in a separate object or beside the other values.
    private bool IsApart(string key) => type.Find(key)!.IsCustom && _apart;

    // A number or a boolean may be a JSON value, or text in any spelling that a cell may have. The JSON value 7.00 is 7. Text keeps its
    // zeros.
    private JsonNode? Value(Field field, string? value)
    {
        if (value is null || _asText || field.Kind is not (FieldKind.Integer or FieldKind.Decimal or FieldKind.Boolean)) return value;
        var stored = PlainRecord.Stored(field, value)!;
        return stored.Contains(".0", StringComparison.Ordinal) ? value : JsonNode.Parse(stored);
    }
}
