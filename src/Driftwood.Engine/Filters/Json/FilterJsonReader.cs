using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Filters.Json;

/// <summary>Reads one filter, and counts against <see cref="FilterLimits"/>.</summary>
internal sealed class FilterJsonReader(RecordType type, ICollection<Fault> faults)
{
    private static readonly string[] Combinations = ["and", "or", "not"];
    private static readonly string[] ComparisonMembers = ["field", "op", "value"];
    private static readonly string[] AllMembers = [.. Combinations, .. ComparisonMembers];

    private int _conditions;
    private int _values;

    /// <param name="json">A condition.</param>
    /// <param name="path">The path of the condition.</param>
    /// <param name="depth">The number of and, or and not around it.</param>
    public Filter? Read(JsonElement json, string path, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Refuse(path, "wrong_type", $"Found {JsonText.KindOf(json)}, expected an object with a condition.", AllMembers);
        }

        if (ReadMembers(json, path) is not { } members) return null;
        var combinations = Combinations.Where(members.ContainsKey).ToArray();
        return combinations switch
        {
            [] => ReadComparison(members, path),
            [var name] when members.Count == 1 => ReadCombination(name, members[name], $"{path}.{name}", depth + 1),
            _ => Refuse(
                path,
                "unknown_member",
                $"Found {string.Join(", ", members.Keys)}, expected and, or, or not alone, or else field, op and value.",
                AllMembers),
        };
    }

    private Dictionary<string, JsonElement>? ReadMembers(JsonElement json, string path)
    {
        Dictionary<string, JsonElement> members = [];
        var isGood = true;
        foreach (var member in json.EnumerateObject())
        {
            var name = NameOf(member);
            if (!AllMembers.Contains(name)) Refuse($"{path}.{Excerpt.Of(name)}", "unknown_member", "There is no such member.", AllMembers);
            else if (!members.TryAdd(name, member.Value)) Refuse($"{path}.{name}", "duplicate_member", "The member is there twice.");
            else continue;
            isGood = false;
        }

        return isGood ? members : null;
    }

    private Filter? ReadCombination(string name, JsonElement json, string path, int depth)
    {
        if (depth > FilterLimits.MaxDepth) return Refuse(path, "too_deep", Invariant($"Nested more than {FilterLimits.MaxDepth} deep."));
        if (name == "not") return Read(json, path, depth) is { } condition ? new Not(condition) : null;
        if (json.ValueKind != JsonValueKind.Array)
        {
            return Refuse(path, "wrong_type", $"Found {JsonText.KindOf(json)}, expected an array of conditions.");
        }

        if (json.GetArrayLength() == 0) return Refuse(path, "required", "Found an empty array, expected at least one condition.");
        List<Filter> conditions = [];
        foreach (var (i, item) in json.EnumerateArray().Index())
        {
            if (faults.Count >= FilterLimits.MaxFaults || _conditions > FilterLimits.MaxConditions) return null;
            if (Read(item, Invariant($"{path}[{i}]"), depth) is { } condition) conditions.Add(condition);
        }

        if (conditions.Count < json.GetArrayLength()) return null;
        return name == "and" ? And.Of(conditions) : Or.Of(conditions);
    }

    private Comparison? ReadComparison(Dictionary<string, JsonElement> members, string path)
    {
        if (++_conditions > FilterLimits.MaxConditions)
        {
            Refuse(path, "too_many_conditions", Invariant($"More than {FilterLimits.MaxConditions} conditions."));
            return null;
        }

        if (ReadField(members, path) is not { } field || ReadOperator(members, field, path) is not { } op) return null;
        return ReadValues(members, field, op, $"{path}.value") is { } values ? new Comparison(field, op, values) : null;
    }

    private Field? ReadField(Dictionary<string, JsonElement> members, string path)
    {
        if (ReadName(members, "field", path) is not { } key) return null;
        if (FilterFields.Find(type, key) is { } field) return field;
        var known = FilterFields.All(type).Select(known => known.Key);
        Refuse($"{path}.field", "unknown_field", $"{Excerpt.Of(key)} is not a field of {type.Key}.", [.. known]);
        return null;
    }

    private FilterOperator? ReadOperator(Dictionary<string, JsonElement> members, Field field, string path)
    {
        if (ReadName(members, "op", path) is not { } name) return null;
        var accepted = field.Type.Operators;
        if (FilterOperators.Find(name) is { } op && accepted.Contains(op)) return op;
        string[] names = [.. accepted.Select(FilterOperators.Name)];
        Refuse(
            $"{path}.op",
            "invalid_operator",
            $"Found {Excerpt.Of(name)} for {field.Key}, which is of the kind {field.Type.Name}; expected {string.Join(", ", names)}.",
            names);
        return null;
    }

    private string? ReadName(Dictionary<string, JsonElement> members, string member, string path)
    {
        path = $"{path}.{member}";
        if (!members.TryGetValue(member, out var json)) Refuse(path, "required", $"A comparison needs {member}.");
        else if (json.ValueKind != JsonValueKind.String) Refuse(path, "wrong_type", $"Found {JsonText.KindOf(json)}, expected a string.");
        else return JsonText.String(json);
        return null;
    }

    private IReadOnlyList<string>? ReadValues(Dictionary<string, JsonElement> members, Field field, FilterOperator op, string path)
    {
        var most = FilterOperators.MaxValues(op);
        var isGiven = members.TryGetValue("value", out var json);
        if (isGiven != most > 0)
        {
            return isGiven
                ? RefuseValues(path, "unknown_member", $"{FilterOperators.Name(op)} takes no value.")
                : RefuseValues(path, "required", $"{FilterOperators.Name(op)} needs a value.");
        }

        if (most == 0) return [];
        if (most == 1) return IsWithinLimit(1, path) && ReadValue(json, field, op, path) is { } value ? [value] : null;
        if (json.ValueKind != JsonValueKind.Array)
        {
            return RefuseValues(path, "wrong_type", $"Found {JsonText.KindOf(json)}, expected an array.");
        }

        var count = json.GetArrayLength();
        if (count == 0 || count > most)
        {
            var code = count == 0 ? "required" : "too_many_values";
            return RefuseValues(path, code, Invariant($"Found {count} values, expected 1 to {most}."));
        }

        if (!IsWithinLimit(count, path)) return null;
        string?[] values = [.. json.EnumerateArray().Select((item, i) => ReadValue(item, field, op, Invariant($"{path}[{i}]")))];
        return values.Contains(null) ? null : FilterValue.Distinct(field, values!);
    }

    private bool IsWithinLimit(int count, string path)
    {
        _values += count;
        if (_values <= FilterLimits.MaxValues) return true;
        // Reported once: all later values are too many as well.
        if (_values - count <= FilterLimits.MaxValues)
        {
            Refuse(path, "too_many_values", Invariant($"More than {FilterLimits.MaxValues} values in all conditions together."));
        }

        return false;
    }

    private string? ReadValue(JsonElement json, Field field, FilterOperator op, string path)
    {
        if (JsonText.FormOf(json) is not { } form || form != field.Type.Form)
        {
            if (json.ValueKind == JsonValueKind.Null)
            {
                Refuse(path, "blank_value", "Found null, which compares with nothing; blank fields are found by is_blank.");
            }
            else
            {
                Refuse(path, "wrong_type", $"Found {JsonText.KindOf(json)} for {field.Key}, expected {FilterValue.Expected(field)}.");
            }

            return null;
        }

        var value = FilterValue.Read(field, op, JsonText.Of(json)!, out var fault);
        if (fault is not null) Refuse(path, fault.Code, fault.Message, field.Options.Count > 0 ? field.Options : null);
        return value;
    }

    // An escaped lone surrogate is valid JSON but not text. NUL, which no name contains, replaces it.
    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return "\0";
        }
    }

    private IReadOnlyList<string>? RefuseValues(string path, string code, string message)
    {
        Refuse(path, code, message);
        return null;
    }

    /// <returns>Always null, for the caller to return.</returns>
    private Filter? Refuse(string path, string code, string message, IReadOnlyList<string>? accepted = null)
    {
        if (faults.Count < FilterLimits.MaxFaults) faults.Add(new Fault(path, code, message, accepted));
        return null;
    }
}
