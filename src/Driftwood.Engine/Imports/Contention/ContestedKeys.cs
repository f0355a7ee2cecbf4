namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// The match keys of an import whose rows depend on rows of other keys, by their hashes (see <see cref="RowKeys.OfRow"/>) as
/// they are stored. A hash that two keys share makes both contested, which does no harm.
/// </summary>
/// <param name="sorted">The hashes as signed numbers, ascending, each once.</param>
internal sealed class ContestedKeys(long[] sorted)
{
    public static ContestedKeys None { get; } = new([]);

    public bool Contains(ulong key) => sorted.Length > 0 && Array.BinarySearch(sorted, unchecked((long)key)) >= 0;
}
