namespace Driftwood.Engine;

/// <summary>
/// A 64-bit hash of match keys, the same in every process and version, since it decides which lane a row is in:
/// FNV-1a (Fowler, Noll, Vo) with MurmurHash3's finaliser, so that all bits are good for a modulus.
/// </summary>
internal static class KeyHash
{
    public static ulong Of(ReadOnlySpan<byte> key, ulong seed = 0)
    {
        var hash = 14695981039346656037UL ^ (seed * 0x9E3779B97F4A7C15UL);
        foreach (var b in key) hash = (hash ^ b) * 1099511628211UL;
        hash ^= hash >> 33;
        hash *= 0xFF51AFD7ED558CCDUL;
        hash ^= hash >> 33;
        hash *= 0xC4CEB9FE1A85EC53UL;
        return hash ^ (hash >> 33);
    }

    /// <summary>The lane of a hash, from 0.</summary>
    public static int Lane(ulong hash, int lanes) => (int)(hash % (ulong)lanes);
}
