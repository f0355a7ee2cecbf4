using System.Diagnostics;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// Runs one lane: claim, then chunk after chunk, each in one transaction with its cursor and counters, until the lane
/// is done, stopped or another worker's. Whoever wakes it may do so twice or too late: effects happen once.
/// </summary>
public sealed partial class LaneRunner(NpgsqlDataSource database, LaneTable lanes, LaneWorkLoader loader, LaneOptions options, ILogger<LaneRunner> logger)
{
    /// <summary>Claims and runs a lane, or with null the next one that is due. Ends after the current chunk once <paramref name="stopping"/> is signalled.</summary>
    public async Task<LaneResult> RunAsync(LaneRef? lane, CancellationToken stopping)
    {
        var claim = await lanes.ClaimAsync(lane, stopping);
        if (claim is null) return new LaneResult(LaneEnd.NothingToClaim);
        var clock = Stopwatch.GetTimestamp();
        var result = await RunClaimedAsync(claim, stopping);
        LogEnded(claim.Lane.JobId, claim.Lane.Lane, claim.Fence, result.End, Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        return result;
    }

    // One of the two places in the house with a broad catch: whatever a lane throws must end in its row, not in the worker.
    private async Task<LaneResult> RunClaimedAsync(LaneClaim claim, CancellationToken stopping)
    {
        try
        {
            using var beating = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var heart = BeatAsync(claim, beating.Token);
            try
            {
                if (claim.Freezes) return await FreezeAsync(claim, stopping);
                return claim.Plans ? await PlanAsync(claim, stopping) : await WorkAsync(claim, stopping);
            }
            finally
            {
                await beating.CancelAsync();
                await heart;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return await EndAsync(claim, LaneEnd.HandedBack, "ready", null);
        }
        catch (UnreadableFileException unreadable)
        {
            return await EndAsync(claim, LaneEnd.Failed, "failed", unreadable.Message);
        }
        catch (JobFailedException gone)
        {
            return await EndAsync(claim, LaneEnd.Failed, "failed", gone.Message);
        }
        catch (RecordTypeBusyException)
        {
            // Nothing is wrong with the chunk, nor was it begun.
            return await PostponeAsync(claim, counts: false);
        }
        catch (RecordTypeChangedException)
        {
            // Nothing of the chunk was applied; the next claim reads the type anew.
            return await EndAsync(claim, LaneEnd.HandedBack, "ready", null);
        }
        catch (Exception exception)
        {
            return await RecoverAsync(claim, exception);
        }
    }

    private async Task<LaneResult> WorkAsync(LaneClaim claim, CancellationToken stopping)
    {
        var turn = new LaneTurn(options.Turn, TimeProvider.System);
        await using var connection = await database.OpenConnectionAsync(stopping);
        await using var work = await loader.OpenAsync(connection, claim.Lane, stopping);
        if (work is null) return new LaneResult(LaneEnd.Lost);
        await work.PrepareAsync(connection, stopping);
        var cursor = claim.Cursor;
        var size = new ChunkSize(work.ChunkSize, claim.Attempts);
        while (true)
        {
            if (await HeedControlAsync(connection, claim, stopping) is { } end) return end;
            if (await YieldAsync(connection, claim, turn, stopping) is { } yielded) return yielded;
            using var chunk = await work.ReadAsync(connection, cursor, size.Next, stopping);
            turn.NoteRead();
            if (chunk is null) return await EndAsync(claim, LaneEnd.Completed, "completed", null);
            var readTo = chunk.EndCursor;
            var applied = size.GivenUp is { } reason
                ? await RejectAsync(connection, claim, work, chunk, reason, size)
                : await ApplyAsync(connection, claim, work, chunk, size);
            if (applied == ChunkEnd.Lost) return Lose(claim);
            if (applied == ChunkEnd.Applied)
            {
                cursor = chunk.EndCursor;
                turn.NoteProgress();
            }

            size.Note(chunk.Count, applied, cut: chunk.EndCursor < readTo);
        }
    }

    /// <summary>Ends the lane where its caller, or this process, wants that; else null.</summary>
    private async Task<LaneResult?> HeedControlAsync(NpgsqlConnection connection, LaneClaim claim, CancellationToken stopping)
    {
        switch (await LaneTable.ReadControlAsync(connection, claim.Lane, stopping))
        {
            case null: return new LaneResult(LaneEnd.Lost);
            case "hand_back": return await EndAsync(claim, LaneEnd.HandedBack, "ready", null);
            case not "run": return await EndAsync(claim, LaneEnd.Stopped, "stopped", null);
        }

        return stopping.IsCancellationRequested ? await EndAsync(claim, LaneEnd.HandedBack, "ready", null) : null;
    }

    private async Task<ChunkEnd> ApplyAsync(NpgsqlConnection connection, LaneClaim claim, ILaneWork work, LaneChunk chunk, ChunkSize size)
    {
        Fault reason;
        try
        {
            return await CommitAsync(connection, claim, chunk, size, () => work.ApplyAsync(connection, chunk, CancellationToken.None));
        }
        catch (PostgresException refused) when (PostgresFaults.IsRefusedData(refused.SqlState))
        {
            LogRefused(claim.Lane.JobId, claim.Lane.Lane, chunk.Cursor, chunk.Count, refused.SqlState);
            if (chunk.Count > 1) return ChunkEnd.Refused;
            reason = PostgresFaults.Reason(refused);
        }
        catch (PostgresException slow) when (PostgresFaults.IsTooSlow(slow.SqlState))
        {
            LogRefused(claim.Lane.JobId, claim.Lane.Lane, chunk.Cursor, chunk.Count, slow.SqlState);
            return ChunkEnd.TooSlow;
        }

        using var single = await work.ReadAsync(connection, chunk.Cursor, 1, CancellationToken.None)
            ?? throw new InvalidOperationException("A refused row cannot be read again.");
        var end = await RejectAsync(connection, claim, work, single, reason, size);
        chunk.EndCursor = single.EndCursor;
        return end;
    }

    private Task<ChunkEnd> RejectAsync(NpgsqlConnection connection, LaneClaim claim, ILaneWork work, LaneChunk chunk, Fault reason, ChunkSize size) =>
        CommitAsync(connection, claim, chunk, size, () => work.RejectAsync(connection, chunk, reason, CancellationToken.None));

    /// <summary>The one transaction of a chunk: fence and cursor checked first, moved last, the data between them.</summary>
    private async Task<ChunkEnd> CommitAsync(NpgsqlConnection connection, LaneClaim claim, LaneChunk chunk, ChunkSize size, Func<Task<LaneCounts>> apply)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await SetTimeoutsAsync(connection, isAlone: chunk.Count == 1);
        if (!await LaneTable.LockAsync(connection, claim, chunk.Cursor, CancellationToken.None)) return ChunkEnd.Lost;
        var counts = await apply();
        await lanes.AdvanceAsync(connection, claim, chunk.EndCursor, counts, size.LeavesSuspects(chunk.Count), CancellationToken.None);
        await transaction.CommitAsync();
        return ChunkEnd.Applied;
    }

    // A statement that outlives the lease, or a transaction whose worker is gone, must not hold the lane's row for longer than that.
    // A row that is alone is told from one that somebody else has locked, as it is given up when it is too slow.
    private async Task SetTimeoutsAsync(NpgsqlConnection connection, bool isAlone = false)
    {
        var limit = (long)(options.Lease.TotalMilliseconds * 0.8);
        var waits = isAlone ? FormattableString.Invariant($"; set local lock_timeout = {limit / 2}") : "";
        await using var command = new NpgsqlCommand(
            FormattableString.Invariant($"set local statement_timeout = {limit}; set local idle_in_transaction_session_timeout = {limit}{waits}"), connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Renews the lease every third of it, for the time between chunks; while a chunk holds the lane's row there is nothing to renew.</summary>
    private async Task BeatAsync(LaneClaim claim, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await lanes.RenewAsync(claim, cancellationToken);
                }
                catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
                {
                    LogMissedBeat(exception, claim.Lane.JobId, claim.Lane.Lane);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lane has ended.
        }
    }

    private async Task<LaneResult> RecoverAsync(LaneClaim claim, Exception exception)
    {
        // What the database refuses for another reason than the data may be a migration under way: worth as many tries.
        var mayPass = PostgresFaults.IsPassing(exception) || exception is PostgresException;
        if (!mayPass || claim.Retries >= options.MaxRetries)
        {
            LogFailed(exception, claim.Lane.JobId, claim.Lane.Lane, claim.Retries);
            return await EndAsync(claim, LaneEnd.Failed, "failed", PostgresFaults.Describe(exception));
        }

        LogPostponed(exception, claim.Lane.JobId, claim.Lane.Lane, claim.Retries);
        return PostgresFaults.IsOutOfResources(exception)
            ? await PostponeAsync(claim, counts: false, TimeSpan.FromMilliseconds(Random.Shared.Next(1_000, 4_000)))
            : await PostponeAsync(claim, counts: true);
    }

    // Doubling with full jitter, so that lanes that clashed do not meet again at once.
    private Task<LaneResult> PostponeAsync(LaneClaim claim, bool counts)
    {
        var ceiling = Math.Min(10_000, 200 << Math.Min(claim.Retries, 6));
        return PostponeAsync(claim, counts, TimeSpan.FromMilliseconds(Random.Shared.Next(50, ceiling)));
    }

    private async Task<LaneResult> PostponeAsync(LaneClaim claim, bool counts, TimeSpan delay)
    {
        try
        {
            var isMine = await lanes.PostponeAsync(claim, delay, counts, CancellationToken.None);
            return isMine ? new LaneResult(LaneEnd.Postponed, delay) : Lose(claim);
        }
        catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
        {
            LogUnreleased(exception, claim.Lane.JobId, claim.Lane.Lane);
            return new LaneResult(LaneEnd.Postponed, options.Lease);
        }
    }

    private async Task<LaneResult> EndAsync(LaneClaim claim, LaneEnd end, string status, string? error)
    {
        try
        {
            if (!await lanes.ReleaseAsync(claim, status, error, CancellationToken.None)) return Lose(claim);
        }
        catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
        {
            // The lease runs out and another worker finds the lane where its cursor is.
            LogUnreleased(exception, claim.Lane.JobId, claim.Lane.Lane);
        }

        return new LaneResult(end);
    }

    /// <summary>Whatever this worker still wanted of the lane was refused: it stalled for longer than its lease, and another has it.</summary>
    private LaneResult Lose(LaneClaim claim)
    {
        LaneMetrics.LanesLost.Add(1);
        LogLost(claim.Lane.JobId, claim.Lane.Lane, claim.Fence);
        return new LaneResult(LaneEnd.Lost);
    }

    [LoggerMessage(200, LogLevel.Information, "Lane {Lane} of job {JobId} (fence {Fence}) ended {End} after {Milliseconds:0} ms")]
    private partial void LogEnded(Guid jobId, int lane, long fence, LaneEnd end, double milliseconds);

    [LoggerMessage(201, LogLevel.Warning, "Lane {Lane} of job {JobId}: chunk at {Cursor} of {Count} refused with {SqlState}; trying a smaller one")]
    private partial void LogRefused(Guid jobId, int lane, long cursor, int count, string sqlState);

    [LoggerMessage(202, LogLevel.Warning, "Lane {Lane} of job {JobId}: lease not renewed")]
    private partial void LogMissedBeat(Exception exception, Guid jobId, int lane);

    [LoggerMessage(203, LogLevel.Warning, "Lane {Lane} of job {JobId} postponed after {Retries} retries")]
    private partial void LogPostponed(Exception exception, Guid jobId, int lane, int retries);

    [LoggerMessage(204, LogLevel.Error, "Lane {Lane} of job {JobId} failed after {Retries} retries")]
    private partial void LogFailed(Exception exception, Guid jobId, int lane, int retries);

    [LoggerMessage(205, LogLevel.Warning, "Lane {Lane} of job {JobId} not released; its lease will run out")]
    private partial void LogUnreleased(Exception exception, Guid jobId, int lane);

    [LoggerMessage(208, LogLevel.Warning, "Lane {Lane} of job {JobId}: what came with fence {Fence} was refused, as another worker has the lane or it is gone")]
    private partial void LogLost(Guid jobId, int lane, long fence);
}
