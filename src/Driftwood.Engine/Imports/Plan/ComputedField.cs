using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>
/// A field that takes its value from a column which may be mapped to another field as well: an object
/// <c>{"column": …, "policy": …}</c> with <see cref="CellSettings.Members"/>.
/// </summary>
/// <param name="Column">The name of the column.</param>
/// <param name="Policy">The records that get the value.</param>
/// <param name="Settings">An object with the members that are <see cref="CellSettings"/>; null if there are none.</param>
public sealed record ComputedField(string Column, ColumnPolicy Policy, JsonElement? Settings)
{
    /// <summary>Reads a value of <c>computed_fields</c>.</summary>
    /// <param name="given">The value.</param>
    /// <param name="fault">Why the value is refused, or null. Its path begins below the value.</param>
    public static ComputedField? Read(JsonElement given, out Fault? fault)
    {
        fault = given.ValueKind != JsonValueKind.Object
            ? new Fault("", "wrong_type", $"Found {JsonText.KindOf(given)}, expected an object with column.")
            : ColumnTarget.FindUnknown(given, ["column", "policy", .. CellSettings.Members]);
        if (fault is not null) return null;
        if (!given.TryGetProperty("column", out var column) || column.ValueKind != JsonValueKind.String)
            fault = new Fault("column", "required", "Expected the name of a column.");
        var policy = ColumnTarget.ReadPolicy(given, ref fault);
        return fault is null ? new ComputedField(JsonText.String(column), policy, ColumnTarget.SettingsOf(given)) : null;
    }
}
