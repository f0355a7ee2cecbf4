using Driftwood.Engine.Lanes;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>A run of consecutive targets of a lane.</summary>
internal class TargetChunk : LaneChunk
{
    public TargetChunk(long from, long to)
        : base(from) => EndCursor = to;

    public override int Count => (int)(EndCursor - Cursor);

    public override void Dispose()
    {
    }
}
