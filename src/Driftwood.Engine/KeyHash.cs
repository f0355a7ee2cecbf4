using System.IO.Hashing;

namespace Driftwood.Engine;

/// <summary>
/// A 64-bit hash of match keys (XXH3). It decides which lane a row is in, so it must be the same in every process and version.
/// </summary>
internal static class KeyHash
{
    public static ulong Of(ReadOnlySpan<byte> key, ulong seed = 0) => XxHash3.HashToUInt64(key, unchecked((long)seed));

    /// <summary>The lane of a hash, from 0.</summary>
    public static int Lane(ulong hash, int lanes) => (int)(hash % (ulong)lanes);
}
