using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>Outcomes of the sound rows of a wave.</summary>
internal readonly record struct WaveCounts(long Created, long Updated, long Skipped)
{
    public static WaveCounts operator +(WaveCounts one, WaveCounts other) =>
        new(one.Created + other.Created, one.Updated + other.Updated, one.Skipped + other.Skipped);

    /// <summary>The same, with the updated ones told apart that had the new values already. They count as skipped.</summary>
    public WaveCounts With(WrittenCounts written) => this with { Updated = written.Changed, Skipped = Skipped + written.Unchanged };
}
