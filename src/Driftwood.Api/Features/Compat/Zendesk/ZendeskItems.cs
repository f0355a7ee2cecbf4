using System.Text.Json;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Zendesk;

internal enum ZendeskAction { Create, Update, CreateOrUpdateByExternalId, CreateOrUpdateByName, Delete, DeleteByExternalId }

/// <summary>
/// Translates the items of a job. A wrong shape refuses the whole request; a wrong value fails its item alone, when it is applied.
/// </summary>
internal sealed class ZendeskItems(RecordType type, ZendeskAction action)
{
    private const int Max = 100;

    // Zendesk answers with these members, and takes them back without a look at them.
    private static readonly string[] Ignored =
        ["id", "url", "custom_object_key", "created_at", "updated_at", "created_by_user_id", "updated_by_user_id"];

    private readonly List<Fault> _faults = [];

    /// <exception cref="ApiException">422 with all faults of shape.</exception>
    public BulkJobsCreate.Request Translate(JsonElement[] items)
    {
        var range = $"Found {items.Length} values in job.items, expected 1 to {Max}.";
        if (items.Length is 0 or > Max) throw ApiException.Validation("job.items", items.Length == 0 ? "required" : "out_of_range", range);
        if (action == ZendeskAction.CreateOrUpdateByName && !(type.MatchFields.Contains("name") && type.Find("name")!.Unique))
            throw ApiException.Validation("job.action", "not_applicable", $"Records of {type.Key} have no unique names to be found by.");
        var operation = action switch
        {
            ZendeskAction.Create => OperationName.Create,
            ZendeskAction.Update => OperationName.Update,
            ZendeskAction.Delete or ZendeskAction.DeleteByExternalId => OperationName.Delete,
            _ => OperationName.Upsert,
        };
        var request = new BulkJobsCreate.Request
        {
            EntityType = type.Key,
            Operation = operation,
            EntityIds = action == ZendeskAction.Delete ? [.. items.Select(ReadId)] : null,
            ExternalIds = action == ZendeskAction.DeleteByExternalId ? [.. items.Select(ReadExternalId)] : null,
            Items = operation == OperationName.Delete ? null : [.. items.Select(ReadObject)],
            Params = operation == OperationName.Upsert ? JsonSerializer.SerializeToElement(new { match_on = MatchedBy[0] }) : null,
        };
        return _faults.Count == 0 ? request : throw ApiException.Validation(_faults);
    }

    private string[] MatchedBy => action switch
    {
        ZendeskAction.Create => [],
        ZendeskAction.Update => ["id", "external_id"],
        ZendeskAction.CreateOrUpdateByName => ["name"],
        _ => ["external_id"],
    };

    private Guid ReadId(JsonElement item, int index)
    {
        if (item.ValueKind == JsonValueKind.String && item.TryGetGuid(out var id)) return id;
        Fail(index, "invalid_uuid", $"Found {Found.Describe(item)}, expected the id of a record.");
        return default;
    }

    private string ReadExternalId(JsonElement item, int index)
    {
        if (item.ValueKind == JsonValueKind.String && HasValue("external_id", item)) return item.GetString()!;
        Fail(index, "wrong_type", $"Found {Found.Describe(item)}, expected the external ID of a record.");
        return "";
    }

    private Dictionary<string, JsonElement> ReadObject(JsonElement item, int index)
    {
        Dictionary<string, JsonElement> values = [];
        if (item.ValueKind != JsonValueKind.Object)
        {
            Fail(index, "wrong_type", $"Found {Found.Describe(item)}, expected an object.");
            return values;
        }

        foreach (var member in item.EnumerateObject()) ReadMember(member, index, values);
        if (MatchedBy.Length > 0 && !MatchedBy.Any(key => values.TryGetValue(key, out var value) && HasValue(key, value)))
            Fail(index, "required", $"Missing: expected {string.Join(" or ", MatchedBy)}, to say which record is meant.");
        return values;
    }

    private void ReadMember(JsonProperty member, int index, Dictionary<string, JsonElement> values)
    {
        switch (member.Name, member.Value.ValueKind)
        {
            case ("name" or "external_id", _):
            case ("id", _) when action == ZendeskAction.Update:
                Add(member, index, values);
                break;
            case ("custom_object_fields", JsonValueKind.Object):
                foreach (var field in member.Value.EnumerateObject()) Add(field, index, values, isCustom: true);
                break;
            case ("custom_object_fields", _):
                Fail(index, "wrong_type", $"custom_object_fields: Found {Found.Describe(member.Value)}, expected an object.");
                break;
            case var (name, kind) when !Ignored.Contains(name) && (name, kind) is not ("photo", JsonValueKind.Null):
                Fail(index, "unknown_member", $"Found {Found.Describe(name)}, expected name, external_id or custom_object_fields.");
                break;
        }
    }

    private void Add(JsonProperty field, int index, Dictionary<string, JsonElement> values, bool isCustom = false)
    {
        if (isCustom && field.Name is "id" or "custom") Fail(index, "unknown_member", $"{field.Name} is not a custom object field.");
        else if (!values.TryAdd(field.Name, field.Value)) Fail(index, "duplicate_member", $"{field.Name} is given twice.");
    }

    private bool HasValue(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => false,
        JsonValueKind.String when type.Find(key)!.MatchKey is { } kind => MatchKeys.Of(kind, value.GetString()!) is not null,
        _ => true,
    };

    private void Fail(int index, string code, string message) => _faults.Add(new Fault($"job.items[{index}]", code, message));
}
