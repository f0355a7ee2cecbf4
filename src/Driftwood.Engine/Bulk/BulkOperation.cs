using System.Globalization;
using System.Text;
using System.Text.Json;
using Driftwood.Engine.Records;

namespace Driftwood.Engine.Bulk;

/// <summary>What is wrong with a bulk job's parameters.</summary>
/// <param name="Path">The member, such as <c>params.fields.city</c>.</param>
/// <param name="Code">A stable word.</param>
/// <param name="Message">What was found and what was expected.</param>
/// <param name="Accepted">What would be accepted, where that is a short list.</param>
public sealed record ParamFault(string Path, string Code, string Message, IReadOnlyList<string>? Accepted = null);

/// <summary>A field and the value it is set to, in stored form; null clears it.</summary>
/// <param name="Field">The field; never tags.</param>
/// <param name="Value">Canonical text, as <c>CellReader</c> gives it.</param>
public sealed record FieldValue(Field Field, string? Value)
{
    /// <summary>The match key of the value, where the field has one.</summary>
    public string? Key => Field.MatchKey is { } kind && Value is not null ? MatchKeys.Of(kind, Value) : null;
}

/// <summary>What a bulk job does to each of its targets.</summary>
public abstract record BulkOperation
{
    // Enough to mend a request by.
    private const int MaxFaults = 100;

    /// <summary>The operations on lists of ids.</summary>
    public static IReadOnlyList<string> Names { get; } = ["delete", "update", "tag"];

    /// <summary>Reads and checks an operation's parameters, the same way when a job is made and when it is run.</summary>
    /// <returns>Null when there are faults.</returns>
    public static BulkOperation? Read(RecordType type, string operation, JsonElement parameters, out IReadOnlyList<ParamFault> faults)
    {
        List<ParamFault> found = [];
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
            found.Add(new ParamFault("operation", "invalid_choice", "Not an operation.", Names));
        }

        return found.Count == 0 ? read : null;
    }

    private static Dictionary<string, JsonElement> Members(JsonElement parameters, List<ParamFault> faults)
    {
        if (parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return [];
        if (parameters.ValueKind == JsonValueKind.Object)
        {
            Dictionary<string, JsonElement> members = [];
            foreach (var member in parameters.EnumerateObject()) members[member.Name] = member.Value;
            return members;
        }

        faults.Add(new ParamFault("params", "wrong_type", $"Found {Name(parameters)}, expected an object."));
        return [];
    }

    private static DeleteOperation ReadDelete(Dictionary<string, JsonElement> members, List<ParamFault> faults)
    {
        RefuseOthers("params", members.Keys, [], faults);
        return new DeleteOperation();
    }

    private static UpdateOperation ReadUpdate(RecordType type, Dictionary<string, JsonElement> members, List<ParamFault> faults)
    {
        RefuseOthers("params", members.Keys, ["fields"], faults);
        List<FieldValue> values = [];
        TagSet? tags = null;
        if (!members.TryGetValue("fields", out var fields) || fields.ValueKind != JsonValueKind.Object || !fields.EnumerateObject().Any())
        {
            faults.Add(new ParamFault("params.fields", "required", "Expected an object with at least one field to set."));
            return new UpdateOperation(values, tags);
        }

        string[] accepted = [.. type.Fields.Select(f => f.Key)];
        RefuseOthers("params.fields", fields.EnumerateObject().Select(member => member.Name), accepted, faults);
        foreach (var member in fields.EnumerateObject())
        {
            if (type.Fields.FirstOrDefault(f => f.Key == member.Name) is not { } field) continue;
            if (field.Kind == FieldKind.Tags) tags = ReadTags($"params.fields.{field.Key}", member.Value, faults);
            else if (ReadValue(field, member.Value, faults) is { } value) values.Add(value);
        }

        return new UpdateOperation(values, tags);
    }

    private static FieldValue? ReadValue(Field field, JsonElement json, List<ParamFault> faults)
    {
        var path = $"params.fields.{field.Key}";
        if (Text(field, json) is not { } text)
        {
            if (json.ValueKind == JsonValueKind.Null) return Cleared(field, path, faults);
            faults.Add(new ParamFault(path, "wrong_type", $"Found {Name(json)}, expected {Expected(field)}."));
            return null;
        }

        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, Encoding.UTF8.GetBytes(text), scratch, out var stored, out var fault))
        {
            faults.Add(new ParamFault(path, fault!.Code, fault.Message));
            return null;
        }

        return stored.IsEmpty ? Cleared(field, path, faults) : new FieldValue(field, Encoding.UTF8.GetString(stored));
    }

    private static FieldValue? Cleared(Field field, string path, List<ParamFault> faults)
    {
        if (!field.Required) return new FieldValue(field, null);
        faults.Add(new ParamFault(path, "required", $"A record cannot be without a {field.Label}."));
        return null;
    }

    private static string? Text(Field field, JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => WellFormed(json),
        JsonValueKind.Number when field.Kind is FieldKind.Integer or FieldKind.Decimal => json.TryGetDecimal(out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : json.GetRawText(),
        JsonValueKind.True when field.Kind == FieldKind.Boolean => "true",
        JsonValueKind.False when field.Kind == FieldKind.Boolean => "false",
        _ => null,
    };

    // An escaped lone surrogate is valid JSON but not text; NUL stands in for it, which no field accepts.
    private static string WellFormed(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "\0";
        }
    }

    private static string Expected(Field field) => field.Kind switch
    {
        FieldKind.Integer or FieldKind.Decimal => "a number or null",
        FieldKind.Boolean => "true, false or null",
        _ => "a string or null",
    };

    private static TagOperation ReadTag(Dictionary<string, JsonElement> members, List<ParamFault> faults)
    {
        RefuseOthers("params", members.Keys, ["add", "remove", "set"], faults);
        TagSet? Tags(string name) => members.TryGetValue(name, out var json) ? ReadTags($"params.{name}", json, faults) : null;
        var operation = new TagOperation(Tags("add"), Tags("remove"), Tags("set"));
        if (operation is { Set: not null } and not { Add: null, Remove: null })
        {
            faults.Add(new ParamFault("params", "conflict", "set cannot be given together with add or remove."));
        }

        if (operation is { Set: null, Add: not { Names.Count: > 0 }, Remove: not { Names.Count: > 0 } } && faults.Count == 0)
        {
            faults.Add(new ParamFault("params", "required", "Expected tags in add or remove, or in set.", ["add", "remove", "set"]));
        }

        return operation;
    }

    private static TagSet? ReadTags(string path, JsonElement json, List<ParamFault> faults)
    {
        if (json.ValueKind == JsonValueKind.Null) return TagSet.Empty;
        if (json.ValueKind != JsonValueKind.Array || json.EnumerateArray().Any(tag => tag.ValueKind != JsonValueKind.String))
        {
            faults.Add(new ParamFault(path, "wrong_type", "Expected an array of strings."));
            return null;
        }

        var tags = TagSet.Read(json.EnumerateArray().Select(WellFormed), out var fault);
        if (fault is not null) faults.Add(new ParamFault(path, fault.Code, fault.Message));
        return tags;
    }

    private static void RefuseOthers(string path, IEnumerable<string> names, IReadOnlyList<string> accepted, List<ParamFault> faults)
    {
        foreach (var name in names.Where(name => !accepted.Contains(name)).Take(MaxFaults))
        {
            faults.Add(new ParamFault($"{path}.{name}", "unknown_member", "There is no such member.", accepted));
        }
    }

    private static string Name(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}

/// <summary>Deletes the target.</summary>
public sealed record DeleteOperation : BulkOperation;

/// <summary>Sets the same values on each target.</summary>
/// <param name="Values">Columns to set; those not named stay.</param>
/// <param name="Tags">Replaces the tags; null leaves them.</param>
public sealed record UpdateOperation(IReadOnlyList<FieldValue> Values, TagSet? Tags) : BulkOperation;

/// <summary>Changes the tags of each target: <paramref name="Set"/> replaces them, or else <paramref name="Remove"/> goes and then <paramref name="Add"/> comes.</summary>
/// <param name="Add">Tags that the record has afterwards.</param>
/// <param name="Remove">Tags that it has not.</param>
/// <param name="Set">All the tags it has.</param>
public sealed record TagOperation(TagSet? Add, TagSet? Remove, TagSet? Set) : BulkOperation;
