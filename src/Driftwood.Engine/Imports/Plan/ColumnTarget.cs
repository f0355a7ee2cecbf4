using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>What a confirmation maps a column to: the key of a field, or an object <c>{"field": …, "policy": …}</c>.</summary>
/// <param name="Field">The key of the field; null: the column is not imported.</param>
/// <param name="Policy">The records that get the value.</param>
public sealed record ColumnTarget(string? Field, ColumnPolicy Policy)
{
    /// <summary>The policies by their words on the wire.</summary>
    public static IReadOnlyDictionary<string, ColumnPolicy> Policies { get; } = new Dictionary<string, ColumnPolicy>
    {
        ["overwrite"] = ColumnPolicy.Overwrite,
        ["fill_blank"] = ColumnPolicy.FillBlank,
        ["create_only"] = ColumnPolicy.CreateOnly,
    };

    /// <summary>Reads a value of <c>column_mapping</c>.</summary>
    /// <param name="given">The value.</param>
    /// <param name="fault">Why the value is refused, or null. Its path begins below the value.</param>
    public static ColumnTarget Read(JsonElement given, out Fault? fault)
    {
        fault = null;
        if (given.ValueKind == JsonValueKind.Null) return new(null, default);
        if (given.ValueKind == JsonValueKind.String) return new(JsonText.String(given), default);
        fault = given.ValueKind != JsonValueKind.Object
            ? new Fault("", "wrong_type", $"Found {JsonText.KindOf(given)}, expected a string, or an object with field and policy.")
            : FindUnknown(given, "field");
        if (fault is not null) return new(null, default);
        if (!given.TryGetProperty("field", out var field) || field.ValueKind != JsonValueKind.String)
            fault = new Fault("field", "required", "Expected the key of a field.");
        var policy = ReadPolicy(given, ref fault);
        return new(fault is null ? JsonText.String(field) : null, policy);
    }

    /// <summary>The fault of an object with a member that is neither this one nor <c>policy</c>; null if it has none.</summary>
    internal static Fault? FindUnknown(JsonElement given, string member) =>
        given.EnumerateObject().Select(each => each.Name).FirstOrDefault(name => name != member && name != "policy") is { } unknown
            ? new Fault(unknown, "unknown_member", "There is no such member.", [member, "policy"])
            : null;

    /// <summary>Reads the policy of an object that may have one.</summary>
    internal static ColumnPolicy ReadPolicy(JsonElement given, ref Fault? fault)
    {
        if (!given.TryGetProperty("policy", out var word)) return default;
        if (word.ValueKind == JsonValueKind.String && Policies.TryGetValue(JsonText.String(word), out var policy)) return policy;
        fault ??= new Fault("policy", "invalid_choice", "Expected a policy.", [.. Policies.Keys]);
        return default;
    }
}
