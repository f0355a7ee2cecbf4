using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>Names a lane.</summary>
/// <param name="AccountId">The account whose job it is.</param>
/// <param name="JobId">The job.</param>
/// <param name="Lane">From 0.</param>
public readonly record struct LaneRef(Guid AccountId, Guid JobId, int Lane);

/// <summary>Outcomes of rows or targets; they add up to what was dealt with.</summary>
public readonly record struct LaneCounts(long Created, long Updated, long Deleted, long Skipped, long Failed)
{
    /// <summary>Of the created and updated ones, those with a warning.</summary>
    public long Warned { get; init; }

    public long Processed => Created + Updated + Deleted + Skipped + Failed;
}

/// <summary>A piece of a lane's work, read and checked before its transaction is opened.</summary>
/// <param name="cursor">Where it begins: what the lane has dealt with before it.</param>
internal abstract class LaneChunk(long cursor) : IDisposable
{
    public long Cursor { get; } = cursor;

    /// <summary>The lane's cursor once the chunk is applied; may be lowered while applying, to leave a tail for the next chunk.</summary>
    public long EndCursor { get; set; } = cursor;

    /// <summary>Rows or targets in it; 0 where it only moves the cursor.</summary>
    public abstract int Count { get; }

    public abstract void Dispose();
}

/// <summary>What a lane of one kind of job does. The runner owns claim, transaction, cursor and counters.</summary>
internal interface ILaneWork : IAsyncDisposable
{
    /// <summary>Rows or targets in a chunk when all goes well.</summary>
    int ChunkSize { get; }

    /// <summary>Prepares the session that will apply the chunks.</summary>
    Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>The chunk at a cursor, of at most <paramref name="size"/> rows; null at the end.</summary>
    Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken);

    /// <summary>Applies the chunk inside the connection's open transaction, its failures recorded.</summary>
    Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken);

    /// <summary>Records a chunk of one row as failed, since the database refuses it or it stops every worker that tries.</summary>
    Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken);
}
