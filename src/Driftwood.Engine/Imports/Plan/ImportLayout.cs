using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>The properties of an import that decide how its lanes are made.</summary>
/// <param name="type">The record type.</param>
/// <param name="spec">The confirmed import.</param>
/// <param name="headers">The file's columns.</param>
public sealed class ImportLayout(RecordType type, ImportSpec spec, IReadOnlyList<string> headers)
{
    private readonly LaneUse _lanes = new ImportPlan(type, spec, headers).Strategy.Lanes.Value;

    /// <summary>Lanes may run side by side. Otherwise one lane applies all rows in file order.</summary>
    public bool RunsInLanes => _lanes != LaneUse.One;

    /// <summary>All lanes but the first wait until it has scanned the file for contested keys.</summary>
    public bool IsPlanned => _lanes == LaneUse.AfterScan;
}
