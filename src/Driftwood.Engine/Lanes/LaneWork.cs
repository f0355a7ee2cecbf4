using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>Identifies a lane.</summary>
/// <param name="AccountId">The account of the job.</param>
/// <param name="JobId">The job.</param>
/// <param name="Lane">The lane's number, from 0.</param>
public readonly record struct LaneRef(Guid AccountId, Guid JobId, int Lane);

/// <summary>The number of rows or targets with each outcome.</summary>
public readonly record struct LaneCounts(long Created, long Updated, long Deleted, long Skipped, long Failed)
{
    /// <summary>The created and updated ones that have a warning.</summary>
    public long Warned { get; init; }

    /// <summary>All processed rows or targets.</summary>
    public long Processed => Created + Updated + Deleted + Skipped + Failed;

    public static LaneCounts operator +(LaneCounts one, LaneCounts other) => new(
        one.Created + other.Created, one.Updated + other.Updated, one.Deleted + other.Deleted, one.Skipped + other.Skipped,
        one.Failed + other.Failed)
    {
        Warned = one.Warned + other.Warned,
    };
}

/// <summary>A part of a lane's work, read and checked before its transaction is opened.</summary>
/// <param name="cursor">The number of rows or targets that the lane has processed before the chunk.</param>
public abstract class LaneChunk(long cursor) : IDisposable
{
    /// <summary>The lane's cursor before the chunk.</summary>
    public long Cursor { get; } = cursor;

    /// <summary>The lane's cursor after the chunk. Applying may lower it, to leave the last rows to the next chunk.</summary>
    public long EndCursor { get; set; } = cursor;

    /// <summary>
    /// Whether the lane certainly has no work after the chunk. The lane then ends in the chunk's transaction. A chunk that is cut while
    /// it is applied is no longer the last one.
    /// </summary>
    public bool IsLast { get; set; }

    /// <summary>The number of rows or targets in the chunk; 0 if it only moves the cursor.</summary>
    public abstract int Count { get; }

    /// <summary>Returns the chunk's buffers.</summary>
    public abstract void Dispose();
}

/// <summary>The work of a lane for one kind of job. The runner owns claim, transaction, cursor and counters.</summary>
public interface ILaneWork : IAsyncDisposable
{
    /// <summary>Rows or targets in a chunk when there are no problems.</summary>
    int ChunkSize { get; }

    /// <summary>Reads the chunk at a cursor, with at most <paramref name="size"/> rows. Returns null at the end.</summary>
    Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken);

    /// <summary>Applies the chunk inside the connection's open transaction, and records its failures.</summary>
    Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken);

    /// <summary>Records a chunk of one row as failed, because the database refuses the row or the row stops every worker.</summary>
    Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken);
}
