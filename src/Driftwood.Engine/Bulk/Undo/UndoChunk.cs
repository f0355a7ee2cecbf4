using Driftwood.Engine.Changes;
using Driftwood.Engine.Lanes;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>A row of the change log that is taken back.</summary>
/// <param name="First">The position of its first target in the lane.</param>
/// <param name="Last">The position of its last target.</param>
/// <param name="RecordType">The type of its records.</param>
/// <param name="TypeId">The id of a custom type. After it was deleted, another type may have its key.</param>
/// <param name="Effect">What the statement did to them.</param>
/// <param name="Id">With <paramref name="Part"/>, the row.</param>
/// <param name="Part">The part of the statement.</param>
/// <param name="MadeAt">The time at which the statement left the records changed.</param>
/// <param name="LoggedAt">Later changes of the records are logged later.</param>
internal sealed record UndoRun(
    long First, long Last, string RecordType, Guid? TypeId, ChangeEffect Effect, Guid Id, int Part, DateTime MadeAt, DateTime LoggedAt);

/// <summary>Targets of one run.</summary>
internal sealed class UndoChunk(long from, long to, UndoRun run) : LaneChunk(from)
{
    public UndoRun Run => run;

    public override int Count => (int)(to - Cursor);

    public override void Dispose()
    {
    }
}
