using System.Text.Json;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>The use that a bulk job makes of each item.</summary>
public enum ItemAction
{
    /// <summary>It changes the record that it names by id or external ID.</summary>
    Update,

    /// <summary>It makes a record.</summary>
    Create,

    /// <summary>It changes the record that it matches, or makes one.</summary>
    Upsert,
}

/// <summary>The operation of a bulk job on its items, one by one in their order.</summary>
/// <param name="Action">The use made of each item.</param>
/// <param name="MatchOn">upsert: the field that items and records are matched on; else null.</param>
public sealed record ItemsOperation(ItemAction Action, Field? MatchOn)
{
    /// <summary>The operations on items.</summary>
    public static IReadOnlyList<string> Names { get; } = ["update", "create", "upsert"];

    /// <summary>The parameters with their defaults filled in, as JSON.</summary>
    public string Params => MatchOn is null ? "{}" : JsonSerializer.Serialize(new { match_on = MatchOn.Key });

    /// <summary>Reads and checks an operation's parameters, the same way when a job is made and when it is run.</summary>
    /// <returns>Null when there are faults.</returns>
    public static ItemsOperation? Read(RecordType type, string operation, JsonElement parameters, out IReadOnlyList<Fault> faults)
    {
        List<Fault> found = [];
        faults = found;
        var members = BulkOperation.Members(parameters, found);
        ItemsOperation? read = operation switch
        {
            "update" => new(ItemAction.Update, null),
            "create" => new(ItemAction.Create, null),
            "upsert" => new(ItemAction.Upsert, ReadMatchOn(type, members, found)),
            _ => null,
        };
        if (read is null) found.Add(new Fault("operation", "invalid_choice", "Not an operation on items.", Names));
        else BulkOperation.RefuseOthers("params", members.Keys, operation == "upsert" ? ["match_on"] : [], found);
        return found.Count == 0 ? read : null;
    }

    private static Field? ReadMatchOn(RecordType type, Dictionary<string, JsonElement> members, List<Fault> faults)
    {
        if (!members.TryGetValue("match_on", out var json) || json.ValueKind == JsonValueKind.Null) return type.Find(type.MatchFields[0]);
        var key = json.ValueKind == JsonValueKind.String ? JsonText.String(json) : "";
        if (type.MatchFields.Contains(key)) return type.Find(key);
        var message = $"Not a field that records of {type.Key} are matched on.";
        faults.Add(new Fault("params.match_on", "invalid_choice", message, type.MatchFields));
        return null;
    }
}
