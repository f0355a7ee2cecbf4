using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>A run of a job's items, read, checked and encoded for COPY before any transaction is opened.</summary>
/// <param name="cursor">The number of items before it.</param>
/// <param name="items">All items, including those that were refused when they were read.</param>
internal sealed class ItemChunk(long cursor, List<Item> items) : LaneChunk(cursor)
{
    public List<Item> Items => items;

    /// <summary>The items that were not refused.</summary>
    public List<Item> Staged { get; } = items.FindAll(item => item.Fault is null);

    /// <summary>The COPY data of <see cref="Staged"/>, without header and trailer.</summary>
    public ByteBuffer Tuples { get; } = new(1 << 16);

    public int Waves { get; set; } = 1;

    /// <summary>The items whose record has all their values already.</summary>
    public long Unchanged { get; set; }

    public override int Count => items.Count;

    /// <summary>Leaves an item and all items after it to the next chunk.</summary>
    public void CutBefore(Item item)
    {
        items.RemoveAll(other => other.Index >= item.Index);
        Staged.RemoveAll(other => other.Index >= item.Index);
        EndCursor = item.Index;
        IsLast = false;
    }

    public override void Dispose() => Tuples.Dispose();
}
