using System.Text.Json;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>The effect of each item of a bulk job.</summary>
public enum ItemAction
{
    /// <summary>The item changes the record that it names by id or external ID.</summary>
    Update,

    /// <summary>The item creates a record.</summary>
    Create,

    /// <summary>The item changes the record that it matches, or creates one.</summary>
    Upsert,
}

/// <summary>The operation of a bulk job on its items, one by one in their order.</summary>
/// <param name="Action">The effect of each item.</param>
/// <param name="MatchOn">upsert: the field that items and records are matched on; else null.</param>
public sealed record ItemsOperation(ItemAction Action, Field? MatchOn)
{
    /// <summary>The operations on items.</summary>
    public static IReadOnlyList<OperationName> Names { get; } = [OperationName.Update, OperationName.Create, OperationName.Upsert];

    /// <summary>The parameters with their defaults filled in, as JSON.</summary>
    public string Params => MatchOn is null ? "{}" : JsonSerializer.Serialize(new { match_on = MatchOn.Key });

    /// <summary>Reads and checks an operation's parameters. Creating and running a job both use it.</summary>
    /// <returns>The operation; null when there are faults.</returns>
    public static ItemsOperation? Read(RecordType type, OperationName name, JsonElement parameters, out IReadOnlyList<Fault> faults)
    {
        var given = new OperationParams(parameters);
        faults = given.Faults;
        ItemsOperation? read = name switch
        {
            OperationName.Update => new(ItemAction.Update, null),
            OperationName.Create => new(ItemAction.Create, null),
            OperationName.Upsert => new(ItemAction.Upsert, ReadMatchOn(type, given)),
            _ => null,
        };
        if (read is null) given.Faults.Add(new Fault("operation", "invalid_choice", "Not an operation on items."));
        else given.Accept(name == OperationName.Upsert ? ["match_on"] : []);
        return faults.Count == 0 ? read : null;
    }

    private static Field? ReadMatchOn(RecordType type, OperationParams given)
    {
        if (given.Find("match_on") is not { ValueKind: not JsonValueKind.Null } json) return type.Find(type.MatchFields[0]);
        var key = json.ValueKind == JsonValueKind.String ? JsonText.String(json) : "";
        if (type.MatchFields.Contains(key)) return type.Find(key);
        var message = $"Not a field that records of {type.Key} are matched on.";
        given.Faults.Add(new Fault("params.match_on", "invalid_choice", message, type.MatchFields));
        return null;
    }
}
