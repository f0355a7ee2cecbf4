using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>Reads the parameters of an operation, and collects their faults.</summary>
internal sealed class OperationParams
{
    /// <summary>Maximum reported faults. A hundred are enough to correct a request.</summary>
    public const int MaxFaults = 100;

    private readonly Dictionary<string, JsonElement> _members = [];

    public OperationParams(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return;
        if (json.ValueKind != JsonValueKind.Object)
        {
            Faults.Add(new Fault("params", "wrong_type", $"Found {JsonText.KindOf(json)}, expected an object."));
            return;
        }

        foreach (var member in json.EnumerateObject()) _members[member.Name] = member.Value;
    }

    public List<Fault> Faults { get; } = [];

    /// <summary>A member, also if its value is null; null if the member is absent.</summary>
    public JsonElement? Find(string name) => _members.TryGetValue(name, out var json) ? json : null;

    /// <summary>Refuses every other member.</summary>
    public void Accept(params string[] names)
    {
        foreach (var name in _members.Keys.Except(names).Take(MaxFaults))
        {
            Faults.Add(new Fault($"params.{name}", "unknown_member", "There is no such member.", names));
        }
    }
}
