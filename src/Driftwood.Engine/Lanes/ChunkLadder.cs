namespace Driftwood.Engine.Lanes;

/// <summary>How a chunk ended.</summary>
internal enum ChunkEnd
{
    Applied,

    /// <summary>The chunk was applied, and the lane ended in the same transaction.</summary>
    LaneCompleted,

    /// <summary>Another worker has the lane.</summary>
    Lost,

    /// <summary>The database refused some of the chunk's data.</summary>
    Refused,

    /// <summary>The chunk took longer than a lane may be held.</summary>
    TooSlow,
}

/// <summary>The next chunk's size. It shrinks after a chunk was refused, was too slow or killed its worker, then grows again.</summary>
internal static class ChunkLadder
{
    /// <summary>How often a row is tried alone before it is given up.</summary>
    public const int TriesAlone = 3;

    // The chunk may have killed its worker. Each attempt without progress divides the size by five. So the lane makes progress even when
    // workers are killed often, and a row that kills its worker is soon alone in its chunk.
    private const int Divisor = 5;

    /// <summary>The size that the first chunk of an attempt must not exceed. Attempts count from 1.</summary>
    public static int Start(int full, int attempts)
    {
        var size = full;
        for (var attempt = 1; attempt < attempts && size > 1; attempt++) size = Math.Max(1, size / Divisor);
        return size;
    }

    /// <summary>Rows at the beginning of a claim that may have killed the last worker.</summary>
    public static int Suspects(int full, int attempts) => attempts > 1 ? Start(full, attempts - 1) : 0;

    /// <summary>Whether the next row has been tried alone often enough.</summary>
    public static bool IsPoisoned(int full, int attempts) => attempts > TriesAlone && Start(full, attempts - TriesAlone) == 1;

    /// <summary>The next chunk's size.</summary>
    /// <param name="size">The last chunk's size.</param>
    /// <param name="full">The largest size.</param>
    /// <param name="count">Rows in the last chunk.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="cut">Whether it was cut while it was applied. The rows after the cut have to be read again.</param>
    public static int Next(int size, int full, int count, ChunkEnd end, bool cut = false) => end switch
    {
        ChunkEnd.Refused => Math.Max(1, Math.Min(size, count) / 2),
        ChunkEnd.TooSlow => Math.Max(1, Math.Min(size, count) / Divisor),
        _ when cut => Math.Max(1, count),
        _ => Math.Min(full, Math.Max(1, size) * 2),
    };
}
