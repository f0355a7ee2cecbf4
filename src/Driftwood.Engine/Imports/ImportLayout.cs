using Driftwood.Engine.Records;

namespace Driftwood.Engine.Imports;

/// <summary>What must be known of an import before its lanes are made.</summary>
/// <param name="type">The record type.</param>
/// <param name="spec">As confirmed.</param>
/// <param name="headers">The file's columns.</param>
public sealed class ImportLayout(RecordType type, ImportSpec spec, IReadOnlyList<string> headers)
{
    /// <summary>
    /// Whether rows with different match keys leave each other alone, so that lanes may run side by side. False where
    /// another unique field is mapped, whose values two keys may contend for, or companies are made, which the rows of other
    /// keys find: then one lane does all in file order.
    /// </summary>
    public bool KeysAreIndependent { get; } = new ImportPlan(type, spec, headers).KeysAreIndependent;
}
