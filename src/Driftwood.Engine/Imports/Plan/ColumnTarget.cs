using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>
/// The target of a column in a confirmation: the key of a field, or an object <c>{"field": …, "policy": …}</c> with
/// <see cref="CellSettings.Members"/>.
/// </summary>
/// <param name="Field">The key of the field; null: the column is not imported.</param>
/// <param name="Policy">The records that get the value.</param>
public sealed record ColumnTarget(string? Field, ColumnPolicy Policy)
{
    /// <summary>An object with the members that are <see cref="CellSettings"/>; null if there are none.</summary>
    public JsonElement? Settings { get; private init; }

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
            : FindUnknown(given, ["field", "policy", .. CellSettings.Members]);
        if (fault is not null) return new(null, default);
        if (!given.TryGetProperty("field", out var field) || field.ValueKind != JsonValueKind.String)
            fault = new Fault("field", "required", "Expected the key of a field.");
        var policy = ReadPolicy(given, ref fault);
        return new(fault is null ? JsonText.String(field) : null, policy) { Settings = SettingsOf(given) };
    }

    /// <summary>The fault of an object with a member that is not known; null if it has none.</summary>
    internal static Fault? FindUnknown(JsonElement given, IReadOnlyList<string> known) =>
        given.EnumerateObject().Select(each => each.Name).FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? new Fault(unknown, "unknown_member", "There is no such member.", known)
            : null;

    /// <summary>The members of a column that are <see cref="CellSettings"/>; null if there are none.</summary>
    internal static JsonElement? SettingsOf(JsonElement given)
    {
        var settings = given.EnumerateObject().Where(member => CellSettings.Members.Contains(member.Name))
            .ToDictionary(member => member.Name, member => member.Value);
        return settings.Count > 0 ? JsonSerializer.SerializeToElement(settings) : null;
    }

    /// <summary>Reads the policy of an object that may have one.</summary>
    internal static ColumnPolicy ReadPolicy(JsonElement given, ref Fault? fault)
    {
        if (!given.TryGetProperty("policy", out var word)) return default;
        if (word.ValueKind == JsonValueKind.String && Policies.TryGetValue(JsonText.String(word), out var policy)) return policy;
        fault ??= new Fault("policy", "invalid_choice", "Expected a policy.", [.. Policies.Keys]);
        return default;
    }
}
