using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// How many rows the chunks of one claim have. Where the last worker died, the rows of the chunk it died in are suspect: until
/// the lane is past them, chunks stay as small as they began and the attempts are kept. So a row that kills its worker is
/// alone after a few deaths, not after each of the doublings in between.
/// </summary>
/// <param name="full">Rows when all goes well, from 1.</param>
/// <param name="attempts">Claims of the lane without progress beyond suspect rows, this one included.</param>
internal sealed class ChunkSize(int full, int attempts)
{
    private readonly int _first = ChunkLadder.Start(full, attempts);
    private long _suspects = ChunkLadder.Suspects(full, attempts);
    private bool _isPoisoned = ChunkLadder.IsPoisoned(full, attempts);
    private int _slowAlone;

    /// <summary>Rows of the next chunk.</summary>
    public int Next { get; private set; } = ChunkLadder.Start(full, attempts);

    /// <summary>Why the next chunk, one row that was tried alone often enough, is given up; null where it is not.</summary>
    public Fault? GivenUp =>
        _isPoisoned ? PostgresFaults.Poison : _slowAlone >= ChunkLadder.TriesAlone ? PostgresFaults.TooSlow : null;

    /// <summary>Whether suspect rows are left once a chunk of so many rows is applied.</summary>
    public bool LeavesSuspects(int count) => _suspects > count;

    /// <summary>Notes the end of a chunk.</summary>
    /// <param name="count">Its rows.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="cut">Whether it was cut short while it was applied.</param>
    public void Note(int count, ChunkEnd end, bool cut)
    {
        if (end == ChunkEnd.Applied) _suspects -= count;
        Next = ChunkLadder.Next(Next, _suspects > 0 ? _first : full, count, end, cut);
        _isPoisoned = false;
        _slowAlone = end == ChunkEnd.TooSlow && count == 1 ? _slowAlone + 1 : 0;
    }
}
