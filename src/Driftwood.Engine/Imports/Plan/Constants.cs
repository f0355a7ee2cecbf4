using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>The constants of an import: values that all rows have, and that do not stand in the file.</summary>
/// <remarks>
/// Each is a value as records have it, or an object <c>{"value": …, "policy": …}</c>, whose policy says which records get it.
/// </remarks>
public static class Constants
{
    private static readonly Fault NoObject = new("", "unknown_member", "Custom fields stand beside the others, under their keys.");

    /// <summary>Finds what is wrong with the constants. A path begins with <c>constants.</c>.</summary>
    /// <param name="type">The type of the records.</param>
    /// <param name="given">Field key to value.</param>
    public static IReadOnlyList<Fault> Check(RecordType type, IReadOnlyDictionary<string, JsonElement> given)
    {
        List<Fault> faults = [];
        Read(type, given, faults);
        return faults;
    }

    /// <summary>The keys of the constants that not all records get.</summary>
    public static IEnumerable<string> WithPolicy(RecordType type, IReadOnlyDictionary<string, JsonElement> given) =>
        Read(type, given, []).Where(constant => constant.Policy != ColumnPolicy.Overwrite).Select(constant => constant.Field.Key);

    /// <summary>Reads the constants that are sound, in the order of their keys.</summary>
    internal static IReadOnlyList<Constant> Read(
        RecordType type, IReadOnlyDictionary<string, JsonElement> given, ICollection<Fault> faults)
    {
        List<Constant> constants = [];
        foreach (var (key, element) in given.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (key == "custom") Refuse(key, NoObject);
            else if (ReadPolicy(element, out var value, out var policy) is { } odd) Refuse(key, odd);
            else if (ReadText(type, key, value, out var text) is { } fault) Refuse(key, fault);
            else constants.Add(new Constant(type.FindMappable(key)!, text, policy));
        }

        return constants;
        void Refuse(string key, Fault fault) =>
            faults.Add(fault with { Path = fault.Path.Length > 0 ? $"constants.{key}.{fault.Path}" : $"constants.{key}" });
    }

    private static Fault? ReadPolicy(JsonElement given, out JsonElement value, out ColumnPolicy policy)
    {
        (value, policy) = (given, ColumnPolicy.Overwrite);
        if (given.ValueKind != JsonValueKind.Object) return null;
        var fault = ColumnTarget.FindUnknown(given, ["value", "policy"]);
        if (!given.TryGetProperty("value", out value)) fault ??= new Fault("value", "required", "Missing.");
        policy = ColumnTarget.ReadPolicy(given, ref fault);
        return fault;
    }

    private static Fault? ReadText(RecordType type, string key, JsonElement value, out string text)
    {
        text = "";
        var (owner, own) = type.OwnerOf(key);
        if (!ReferenceEquals(owner, type) && type.FindMappable(key) is null)
            return new Fault("", "unknown_field", $"{key} is no field of companies that files of contacts fill.");
        if (owner.Find(own) is { Unique: true })
            return new Fault("", "conflict", $"No two records may have the same {key}, so it cannot be a constant.");
        if (owner.Find(own) is { Type.IsList: true })
            return new Fault("", "conflict", $"{key} is a list, which cannot be a constant. add_tags adds tags to every record.");
        List<Fault> faults = [];
        var values = RecordJson.Read(owner, [KeyValuePair.Create(own, value)], faults);
        if (faults.Count > 0) return faults[0] with { Path = "" };
        text = values[own] ?? "";
        return text.Length > 0 ? null : new Fault("", "required", "Expected a value: a constant cannot be blank.");
    }
}

/// <summary>A constant.</summary>
/// <param name="Field">The field.</param>
/// <param name="Text">The value in stored form.</param>
/// <param name="Policy">The records that get it.</param>
internal sealed record Constant(Field Field, string Text, ColumnPolicy Policy);
