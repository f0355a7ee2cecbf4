using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>What must be known of an import before its lanes are made.</summary>
/// <param name="type">The record type.</param>
/// <param name="spec">As confirmed.</param>
/// <param name="headers">The file's columns.</param>
public sealed class ImportLayout(RecordType type, ImportSpec spec, IReadOnlyList<string> headers)
{
    private readonly ImportPlan _plan = new(type, spec, headers);

    /// <summary>
    /// Whether lanes may run side by side: unless companies are made, which the rows of all other keys find. Then one lane does
    /// all in file order.
    /// </summary>
    public bool RunsInLanes => _plan.RunsInLanes;

    /// <summary>
    /// Whether all lanes but the first are to wait for a plan: where another unique field than the match field is mapped, for
    /// whose values rows of different match keys may contend.
    /// </summary>
    public bool IsPlanned => RunsInLanes && _plan.OtherUnique.Count > 0;
}
