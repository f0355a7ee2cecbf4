using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

/// <summary>Example requests and answers, made from the fields, so that they always include new fields.</summary>
internal static class RecordExamples
{
    private const string Id = "01977c20-51b8-7d10-a6a5-9b1f0f6d2c11";
    private const string User = "01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71";
    private const string Time = "2025-06-15T14:30:00Z";

    private static readonly Dictionary<string, JsonNode> Values = new()
    {
        ["first_name"] = "Jane",
        ["last_name"] = "Smith",
        ["email"] = "jane@example.com",
        ["phone"] = "+1-555-0100",
        ["company_name"] = "Acme Corp",
        ["city"] = "Oslo",
        ["birthday"] = "1990-02-28",
        ["name"] = "Acme Corp",
        ["domain"] = "acme.example",
        ["employee_count"] = 120,
        ["annual_revenue"] = 4500000.50m,
        ["kind"] = "event",
    };

    /// <summary>The JSON text of a request.</summary>
    public static string Request(RecordType? type, string verb)
    {
        var example = new JsonObject();
        if (type is null) example["record_type"] = RecordTypes.Contacts.Key;
        if (verb is "get" or "update" or "delete") example["id"] = Id;
        if (verb is "list" or "count")
        {
            example["filter"] = JsonNode.Parse(
                """
                {"and": [
                  {"field": "created_at", "op": "gte", "value": "2025-01-01"},
                  {"field": "tags", "op": "has_tag", "value": "vip"}]}
                """);
        }
        if (verb is "list") (example["order_by"], example["direction"], example["limit"]) = ("updated_at", "desc", 50);
        if (verb is not ("create" or "update")) return example.ToJsonString(WireJson.Options);
        var fields = verb == "create" ? Fields(type) : new JsonObject { ["description"] = "Met at the fair", ["external_id"] = null };
        fields["tags"] = new JsonArray("vip");
        if (type is null) example["fields"] = fields;
        else foreach (var (key, value) in fields) example[key] = value?.DeepClone();
        return example.ToJsonString(WireJson.Options);
    }

    /// <summary>The JSON text of the answer's result.</summary>
    public static string Result(RecordType? type, string verb) => verb switch
    {
        "list" => $$"""{"items":[{{Record(type)}}],"next_cursor":null}""",
        "count" => """{"count":1500,"exact":true}""",
        "delete" => $$"""{"id":"{{Id}}","deleted":true}""",
        _ => Record(type),
    };

    private static JsonObject Fields(RecordType? type) => new((type ?? RecordTypes.Contacts).Columns
        .Where(field => Values.ContainsKey(field.Key))
        .Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Values[field.Key].DeepClone())));

    private static string Record(RecordType? type)
    {
        var record = new JsonObject { ["id"] = Id };
        foreach (var field in (type ?? RecordTypes.Contacts).Columns)
        {
            record[field.Key] = Values.GetValueOrDefault(field.Key)?.DeepClone();
        }

        record["custom"] = new JsonObject();
        record["tags"] = new JsonArray("vip");
        foreach (var written in new[] { "created", "updated" }) (record[written + "_at"], record[written + "_by"]) = (Time, User);
        return record.ToJsonString(WireJson.Options);
    }
}
