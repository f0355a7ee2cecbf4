using Driftwood.Engine.Lanes;

namespace Driftwood.Engine.Maintenance;

/// <summary>How far a cleanup has come: the last record that has lost its value, and then the last key that is gone.</summary>
internal readonly record struct CleanupPlace(Guid Record, string Key)
{
    /// <summary>Before the first record and the first key.</summary>
    public static CleanupPlace Start { get; } = new(Guid.Empty, "");
}

/// <summary>
/// A piece of a cleanup: the values in the records between two places, or the keys between them. Where both places are the same,
/// it is the field's own row.
/// </summary>
internal sealed class CleanupChunk : LaneChunk
{
    public CleanupChunk(long cursor, int count, CleanupPlace from, CleanupPlace to)
        : base(cursor)
    {
        (Count, From, To) = (count, from, to);
        EndCursor = cursor + count;
    }

    /// <summary>Values, keys or rows found when it was read.</summary>
    public override int Count { get; }

    /// <summary>The place it begins behind.</summary>
    public CleanupPlace From { get; }

    /// <summary>The last place in it.</summary>
    public CleanupPlace To { get; }

    public override void Dispose()
    {
    }
}
