namespace Driftwood.Engine.Imports.Contention;

/// <summary>How much a <see cref="ContestedKeyScan"/> takes on at a time.</summary>
/// <param name="StepRows">Rows that are looked up among the stored records together.</param>
internal sealed record ScanLimits(int StepRows)
{
    /// <summary>Bytes of a step, which bound its time where rows are wide.</summary>
    public int StepBytes { get; init; } = 16 << 20;

    /// <summary>Unique values compared in one pass over the file, about; each takes 16 bytes.</summary>
    public int ValuesPerPass { get; init; } = 2_000_000;

    /// <summary>A scan that needs more passes over the file is left out, and the job left to one lane.</summary>
    public int MaxPasses { get; init; } = int.MaxValue;

    /// <summary>
    /// With more contested keys the job is left to one lane: each key takes 8 bytes in every lane, and few rows would be left to the
    /// other lanes.
    /// </summary>
    public int MaxContested { get; init; } = 1_000_000;
}
