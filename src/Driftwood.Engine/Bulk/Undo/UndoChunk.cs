using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Changes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>A row of the change log that is taken back.</summary>
/// <param name="First">The position of its first target in the lane.</param>
/// <param name="Last">The position of its last target.</param>
/// <param name="FirstIndex">The index of its first target in the job. The indexes of a lane follow one another.</param>
/// <param name="RecordType">The type of its records.</param>
/// <param name="TypeId">The id of a custom type. After it was deleted, another type may have its key.</param>
/// <param name="Effect">What the statement did to them.</param>
/// <param name="Id">With <paramref name="Part"/>, the row.</param>
/// <param name="Part">The part of the statement.</param>
/// <param name="MadeAt">The time at which the statement left the records changed.</param>
/// <param name="LoggedAt">Later changes of the records are logged later.</param>
internal sealed record UndoRun(
    long First, long Last, long FirstIndex, string RecordType, Guid? TypeId, ChangeEffect Effect, Guid Id, int Part, DateTime MadeAt,
    DateTime LoggedAt);

/// <summary>Targets of one run.</summary>
internal sealed class UndoChunk(long from, long to, UndoRun run) : TargetChunk(from, to)
{
    public UndoRun Run => run;

    /// <summary>The index in the job of the target after a cursor of the lane.</summary>
    public long IndexAfter(long cursor) => run.FirstIndex + cursor + 1 - run.First;

    /// <summary>The indexes of its targets.</summary>
    public IEnumerable<long> Indexes
    {
        get
        {
            for (var i = 0; i < Count; i++) yield return IndexAfter(Cursor) + i;
        }
    }

    /// <summary>The targets that the chunk has in common with those after one cursor and up to another; null if there are none.</summary>
    public UndoChunk? Part(long after, long upTo)
    {
        var (first, last) = (Math.Max(after, Cursor), Math.Min(upTo, EndCursor));
        return first < last ? new UndoChunk(first, last, run) : null;
    }
}

/// <summary>Targets of several runs that follow one another in a lane. They are taken back in one transaction.</summary>
internal sealed class UndoChunks(IReadOnlyList<UndoChunk> parts) : TargetChunk(parts[0].Cursor, parts[^1].EndCursor)
{
    public IReadOnlyList<UndoChunk> Parts => parts;
}
