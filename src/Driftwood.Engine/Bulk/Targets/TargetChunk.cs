using Driftwood.Engine.Lanes;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>A run of consecutive targets of a lane.</summary>
internal class TargetChunk(long from, long to) : LaneChunk(from)
{
    public override int Count => (int)(to - Cursor);

    public override void Dispose()
    {
    }
}
