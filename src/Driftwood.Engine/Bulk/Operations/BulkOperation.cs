using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>What a bulk job does to each of its targets.</summary>
public abstract record BulkOperation
{
    // Enough to mend a request by.
    private const int MaxFaults = 100;

    /// <summary>The operations on lists of ids.</summary>
    public static IReadOnlyList<string> Names { get; } = ["delete", "update", "tag"];

    /// <summary>Reads and checks an operation's parameters, the same way when a job is made and when it is run.</summary>
    /// <returns>Null when there are faults.</returns>
    public static BulkOperation? Read(RecordType type, string operation, JsonElement parameters, out IReadOnlyList<Fault> faults)
    {
        List<Fault> found = [];
        faults = found;
        var members = Members(parameters, found);
        BulkOperation? read = operation switch
        {
            "delete" => ReadDelete(members, found),
            "update" => ReadUpdate(type, members, found),
            "tag" => ReadTag(members, found),
            _ => null,
        };
        if (read is null && found.Count == 0)
        {
            found.Add(new Fault("operation", "invalid_choice", "Not an operation.", Names));
        }

        return found.Count == 0 ? read : null;
    }

    internal static Dictionary<string, JsonElement> Members(JsonElement parameters, List<Fault> faults)
    {
        if (parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return [];
        if (parameters.ValueKind == JsonValueKind.Object)
        {
            Dictionary<string, JsonElement> members = [];
            foreach (var member in parameters.EnumerateObject()) members[member.Name] = member.Value;
            return members;
        }

        faults.Add(new Fault("params", "wrong_type", $"Found {JsonText.KindOf(parameters)}, expected an object."));
        return [];
    }

    private static DeleteOperation ReadDelete(Dictionary<string, JsonElement> members, List<Fault> faults)
    {
        RefuseOthers("params", members.Keys, [], faults);
        return new DeleteOperation();
    }

    private static UpdateOperation ReadUpdate(RecordType type, Dictionary<string, JsonElement> members, List<Fault> faults)
    {
        RefuseOthers("params", members.Keys, ["fields"], faults);
        if (!members.TryGetValue("fields", out var fields) || fields.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new Fault("params.fields", "required", "Expected an object with at least one field to set."));
            return new UpdateOperation(new RecordValues());
        }

        List<Fault> refused = [];
        var values = RecordJson.Read(type, fields.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)), refused, takesText: true);
        refused.AddRange(values.BlankedIn(type));
        faults.AddRange(refused.Take(MaxFaults).Select(fault => new Fault($"params.fields.{fault.Path}", fault.Code, fault.Message, fault.Accepted)));
        if (values.IsEmpty && faults.Count == 0)
        {
            faults.Add(new Fault("params.fields", "required", "Expected an object with at least one field to set."));
        }

        return new UpdateOperation(values);
    }

    private static TagOperation ReadTag(Dictionary<string, JsonElement> members, List<Fault> faults)
    {
        RefuseOthers("params", members.Keys, ["add", "remove", "set"], faults);
        TagSet? Tags(string name) => members.TryGetValue(name, out var json) ? ReadTags($"params.{name}", json, faults) : null;
        var operation = new TagOperation(Tags("add"), Tags("remove"), Tags("set"));
        if (operation is { Set: not null } and not { Add: null, Remove: null })
        {
            faults.Add(new Fault("params", "conflict", "set cannot be given together with add or remove."));
        }

        if (operation is { Set: null, Add: not { Names.Count: > 0 }, Remove: not { Names.Count: > 0 } } && faults.Count == 0)
        {
            faults.Add(new Fault("params", "required", "Expected tags in add or remove, or in set.", ["add", "remove", "set"]));
        }

        return operation;
    }

    private static TagSet? ReadTags(string path, JsonElement json, List<Fault> faults)
    {
        if (json.ValueKind == JsonValueKind.Null) return TagSet.Empty;
        if (json.ValueKind != JsonValueKind.Array || json.EnumerateArray().Any(tag => tag.ValueKind != JsonValueKind.String))
        {
            faults.Add(new Fault(path, "wrong_type", "Expected an array of strings."));
            return null;
        }

        var tags = TagSet.Read(json.EnumerateArray().Select(JsonText.String), out var fault);
        if (fault is not null) faults.Add(new Fault(path, fault.Code, fault.Message));
        return tags;
    }

    internal static void RefuseOthers(string path, IEnumerable<string> names, IReadOnlyList<string> accepted, List<Fault> faults)
    {
        foreach (var name in names.Where(name => !accepted.Contains(name)).Take(MaxFaults))
        {
            faults.Add(new Fault($"{path}.{name}", "unknown_member", "There is no such member.", accepted));
        }
    }
}

/// <summary>Deletes the target.</summary>
public sealed record DeleteOperation : BulkOperation;

/// <summary>Sets the same values on each target.</summary>
/// <param name="Values">What is set; fields not mentioned stay.</param>
public sealed record UpdateOperation(RecordValues Values) : BulkOperation;

/// <summary>Changes the tags of each target: <paramref name="Set"/> replaces them, or else <paramref name="Remove"/> goes and then <paramref name="Add"/> comes.</summary>
/// <param name="Add">Tags that the record has afterwards.</param>
/// <param name="Remove">Tags that it has not.</param>
/// <param name="Set">All the tags it has.</param>
public sealed record TagOperation(TagSet? Add, TagSet? Remove, TagSet? Set) : BulkOperation;
