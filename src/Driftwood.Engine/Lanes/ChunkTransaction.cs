using System.Data;
using System.Diagnostics;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// Applies a lane's chunks, each in one transaction. It first checks fence and cursor, then writes the data, and moves the cursor last.
/// </summary>
internal sealed partial class ChunkTransaction(NpgsqlConnection connection, HeldLane lane, ILaneWork work, LaneTable lanes, ILogger logger)
{
    /// <summary>Applies the chunk. A single row that the database refuses is recorded as failed.</summary>
    public async Task<ChunkEnd> ApplyAsync(LaneChunk chunk, ChunkSize size)
    {
        Fault reason;
        try
        {
            return await CommitAsync(chunk, size, () => work.ApplyAsync(connection, chunk, CancellationToken.None));
        }
        catch (PostgresException refused) when (PostgresFaults.IsRefusedData(refused))
        {
            LogRefused(lane.Name.JobId, lane.Name.Lane, chunk.Cursor, chunk.Count, PostgresFaults.CodeOf(refused));
            await ReopenAsync();
            if (chunk.Count > 1) return ChunkEnd.Refused;
            reason = PostgresFaults.Reason(refused);
        }
        catch (PostgresException slow) when (PostgresFaults.IsTooSlow(slow))
        {
            LogRefused(lane.Name.JobId, lane.Name.Lane, chunk.Cursor, chunk.Count, PostgresFaults.CodeOf(slow));
            await ReopenAsync();
            return ChunkEnd.TooSlow;
        }

        using var single = await work.ReadAsync(connection, chunk.Cursor, 1, CancellationToken.None)
            ?? throw new InvalidOperationException("A refused row cannot be read again.");
        var end = await RejectAsync(single, reason, size);
        chunk.EndCursor = single.EndCursor;
        return end;
    }

    /// <summary>Records a chunk of one row as failed.</summary>
    public Task<ChunkEnd> RejectAsync(LaneChunk chunk, Fault reason, ChunkSize size) =>
        CommitAsync(chunk, size, () => work.RejectAsync(connection, chunk, reason, CancellationToken.None));

    private async Task<ChunkEnd> CommitAsync(LaneChunk chunk, ChunkSize size, Func<Task<LaneCounts>> apply)
    {
        using var activity = LaneTraces.StartChunk(chunk);
        var kind = lane.Claim.Kind;
        var started = Stopwatch.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync();
        if (!await lane.LockAsync(connection, chunk.Cursor, isAlone: chunk.Count == 1, CancellationToken.None)) return ChunkEnd.Lost;
        var locked = LaneMetrics.AddStep(kind, "lock", started);
        var counts = await apply();
        var applied = LaneMetrics.AddStep(kind, "apply", locked);
        JobEnd? job = null;
        if (chunk.IsLast) job = await lanes.CompleteAsync(connection, lane.Claim, chunk.EndCursor, counts, CancellationToken.None);
        else await lanes.AdvanceAsync(
            connection, lane.Claim, chunk.EndCursor, counts, size.LeavesSuspects(chunk.Count), CancellationToken.None);
        await transaction.CommitAsync();
        LaneMetrics.AddStep(kind, "commit", applied);
        LaneMetrics.Add(kind, counts, Stopwatch.GetElapsedTime(started));
        if (job is not null) JobEndLog.Note(logger, job);
        return chunk.IsLast ? ChunkEnd.LaneCompleted : ChunkEnd.Applied;
    }

    // The driver gives up the connection after an error that a cluster leaves without its code.
    private async Task ReopenAsync()
    {
        if (connection.State == ConnectionState.Open) return;
        await connection.CloseAsync();
        await connection.OpenAsync();
    }

    [LoggerMessage(
        201, LogLevel.Warning, "Lane {Lane} of job {JobId}: chunk at {Cursor} of {Count} refused with {SqlState}; trying a smaller one")]
    private partial void LogRefused(Guid jobId, int lane, long cursor, int count, string sqlState);
}
