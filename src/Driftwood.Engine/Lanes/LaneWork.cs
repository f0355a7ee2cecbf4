using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>Names a lane.</summary>
/// <param name="AccountId">The account whose job it is.</param>
/// <param name="JobId">The job.</param>
/// <param name="Lane">From 0.</param>
public readonly record struct LaneRef(Guid AccountId, Guid JobId, int Lane);

/// <summary>Outcomes of rows or targets.</summary>
public readonly record struct LaneCounts(long Created, long Updated, long Deleted, long Skipped, long Failed)
{
    /// <summary>Those among the created and updated ones that have a warning.</summary>
    public long Warned { get; init; }

    /// <summary>All rows or targets that were dealt with.</summary>
    public long Processed => Created + Updated + Deleted + Skipped + Failed;
}

/// <summary>A piece of a lane's work, read and checked before its transaction is opened.</summary>
/// <param name="cursor">Where it begins: the rows or targets that the lane has dealt with before it.</param>
public abstract class LaneChunk(long cursor) : IDisposable
{
    /// <summary>Where it begins.</summary>
    public long Cursor { get; } = cursor;

    /// <summary>The lane's cursor once the chunk is applied; may be lowered while applying, to leave a tail for the next chunk.</summary>
    public long EndCursor { get; set; } = cursor;

    /// <summary>Rows or targets in it; 0 where it only moves the cursor.</summary>
    public abstract int Count { get; }

    /// <summary>Gives its buffers back.</summary>
    public abstract void Dispose();
}

/// <summary>The work of a lane of one kind of job. The runner owns claim, transaction, cursor and counters.</summary>
public interface ILaneWork : IAsyncDisposable
{
    /// <summary>Rows or targets in a chunk when all goes well.</summary>
    int ChunkSize { get; }

    /// <summary>Prepares the session that will apply the chunks.</summary>
    Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>The chunk at a cursor, of at most <paramref name="size"/> rows; null at the end.</summary>
    Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken);

    /// <summary>Applies the chunk inside the connection's open transaction, and records its failures.</summary>
    Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken);

    /// <summary>Records a chunk of one row as failed, since the database refuses the row or it stops every worker that tries it.</summary>
    Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken);
}
