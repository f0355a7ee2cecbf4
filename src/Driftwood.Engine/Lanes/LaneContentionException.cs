namespace Driftwood.Engine.Lanes;

/// <summary>Other writers at the same records were faster every time; the chunk is worth trying again later.</summary>
internal sealed class LaneContentionException(int tries) : Exception(FormattableString.Invariant($"Another writer was at the same records in each of {tries} tries."));
