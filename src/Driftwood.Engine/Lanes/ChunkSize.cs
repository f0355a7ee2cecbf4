using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// The number of rows in the chunks of one claim. If the last worker died, the rows of its chunk are suspect. Until the lane is past
/// them, chunks stay at their initial size and the attempts are kept. A row that kills its worker is therefore alone after a few
/// deaths, without a death for each doubling in between. The first chunk of a lane is small in any case, so that a caller soon sees
/// progress.
/// </summary>
/// <param name="full">The number of rows when there are no problems, from 1.</param>
/// <param name="attempts">Claims of the lane without progress beyond suspect rows, including this one.</param>
/// <param name="isStart">Whether the lane has not applied any row yet.</param>
internal sealed class ChunkSize(int full, int attempts, bool isStart)
{
    private const int MaxFirst = 1_000;

    private readonly int _first = ChunkLadder.Start(full, attempts);
    private long _suspects = ChunkLadder.Suspects(full, attempts);
    private bool _isPoisoned = ChunkLadder.IsPoisoned(full, attempts);
    private int _slowAlone;

    /// <summary>The number of rows in the next chunk.</summary>
    public int Next { get; private set; } = Math.Min(isStart ? MaxFirst : full, ChunkLadder.Start(full, attempts));

    /// <summary>The reason why the next chunk, one row that was tried alone often enough, is given up; null if it is not.</summary>
    public Fault? GivenUp =>
        _isPoisoned ? PostgresFaults.Poison : _slowAlone >= ChunkLadder.TriesAlone ? PostgresFaults.TooSlow : null;

    /// <summary>Whether suspect rows are left after a chunk of this many rows is applied.</summary>
    public bool LeavesSuspects(int count) => _suspects > count;

    /// <summary>Records the end of a chunk.</summary>
    /// <param name="count">Its rows.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="cut">Whether it was cut while it was applied.</param>
    public void Note(int count, ChunkEnd end, bool cut)
    {
        if (end == ChunkEnd.Applied) _suspects -= count;
        Next = ChunkLadder.Next(Next, _suspects > 0 ? _first : full, count, end, cut);
        _isPoisoned = false;
        _slowAlone = end == ChunkEnd.TooSlow && count == 1 ? _slowAlone + 1 : 0;
    }
}
