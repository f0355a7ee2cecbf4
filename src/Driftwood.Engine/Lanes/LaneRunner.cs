using System.Diagnostics;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// Runs one lane: it claims the lane, then applies chunk after chunk, each in one transaction with its cursor and counters, until
/// the lane is done or stopped, or another worker has it. A wake-up may be repeated or late: the effects still happen once.
/// </summary>
public sealed partial class LaneRunner(
    NpgsqlDataSource database, LaneTable lanes, IEnumerable<IJobKind> kinds, LaneOptions options, ILogger<LaneRunner> logger)
{
    /// <summary>Claims and runs a lane; with null, the next one that is due.</summary>
    /// <param name="lane">The lane, or null.</param>
    /// <param name="stopping">When it is cancelled, the run ends after the current chunk.</param>
    public async Task<LaneResult> RunAsync(LaneRef? lane, CancellationToken stopping)
    {
        var claim = await lanes.ClaimAsync(lane, stopping);
        if (claim is null) return new LaneResult(LaneEnd.NothingToClaim);
        var clock = Stopwatch.GetTimestamp();
        using var activity = LaneTraces.StartLane(claim);
        LaneMetrics.LanesRunning.Add(1);
        LaneResult result;
        try
        {
            result = await RunAsync(new HeldLane(claim, lanes, options, logger), stopping);
        }
        finally
        {
            LaneMetrics.LanesRunning.Add(-1);
        }

        LaneTraces.EndLane(activity, result.End);
        LogEnded(claim.Lane.JobId, claim.Lane.Lane, claim.Fence, result.End, Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        return result with { Lane = claim.Lane };
    }

    // One of the service's two broad catches: every exception of a lane must end in the lane's row and not in the worker.
    private async Task<LaneResult> RunAsync(HeldLane lane, CancellationToken stopping)
    {
        try
        {
            using var renewing = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var renewal = lane.RenewLeaseLoopAsync(renewing.Token);
            try
            {
                var kind = kinds.FirstOrDefault(kind => kind.Name == lane.Claim.Kind)
                    ?? throw new InvalidOperationException($"This process knows no jobs of the kind {lane.Claim.Kind}.");
                return lane.Claim.NeedsPreparation ? await PrepareAsync(lane, kind, stopping) : await WorkAsync(lane, kind, stopping);
            }
            finally
            {
                await renewing.CancelAsync();
                await renewal;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return await lane.EndAsync(LaneEnd.HandedBack);
        }
        catch (JobFailedException failed)
        {
            return await lane.EndAsync(LaneEnd.Failed, failed.Message);
        }
        catch (BusyException busy)
        {
            return await lane.PostponeAsync(busy.MaxDelay);
        }
        catch (OutdatedException)
        {
            return await lane.EndAsync(LaneEnd.HandedBack);
        }
        catch (Exception exception)
        {
            return await lane.RecoverAsync(exception);
        }
    }

    private async Task<LaneResult> WorkAsync(HeldLane lane, IJobKind kind, CancellationToken stopping)
    {
        var turn = new LaneTurn(options.Turn, TimeProvider.System);
        await using var connection = await database.OpenConnectionAsync(stopping);
        await using var work = await kind.OpenAsync(connection, lane.Name, stopping);
        if (work is null) return new LaneResult(LaneEnd.Lost);
        var chunks = new ChunkTransaction(connection, lane, work, lanes, logger);
        var cursor = lane.Claim.Cursor;
        var size = new ChunkSize(work.ChunkSize, lane.Claim.Attempts, isStart: cursor == 0);
        // The claim has just read the job's control.
        for (var isControlKnown = !lane.Claim.IsControlled; ; isControlKnown = false)
        {
            if (!isControlKnown && await lane.ObeyControlAsync(connection, stopping) is { } end) return end;
            if (await YieldAsync(connection, lane, turn, stopping) is { } yielded) return yielded;
            var clock = Stopwatch.GetTimestamp();
            using var chunk = await work.ReadAsync(connection, cursor, size.Next, stopping);
            LaneMetrics.AddStep(lane.Claim.Kind, "read", clock);
            turn.NoteRead();
            if (chunk is null) return await lane.EndAsync(LaneEnd.Completed);
            var readTo = chunk.EndCursor;
            var applied = size.GivenUp is { } reason ? await chunks.RejectAsync(chunk, reason, size) : await chunks.ApplyAsync(chunk, size);
            if (applied == ChunkEnd.Lost) return lane.Lose();
            if (applied == ChunkEnd.LaneCompleted) return new LaneResult(LaneEnd.Completed);
            if (applied == ChunkEnd.Applied)
            {
                cursor = chunk.EndCursor;
                turn.NoteProgress();
            }

            size.Note(chunk.Count, applied, cut: chunk.EndCursor < readTo);
        }
    }

    /// <summary>Hands the lane back if its turn is over and an account with fewer running lanes waits; else returns null.</summary>
    private async Task<LaneResult?> YieldAsync(NpgsqlConnection connection, HeldLane lane, LaneTurn turn, CancellationToken stopping)
    {
        if (!turn.IsOver) return null;
        if (await lanes.MustYieldAsync(connection, lane.Name, stopping))
        {
            LogYielded(lane.Name.JobId, lane.Name.Lane);
            return await lane.EndAsync(LaneEnd.HandedBack);
        }

        turn.Extend();
        return null;
    }

    private async Task<LaneResult> PrepareAsync(HeldLane lane, IJobKind kind, CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        await using var preparation = await kind.OpenPreparationAsync(connection, lane.Name, lane.Claim.Attempts, stopping);
        // Another worker prepared the job while this one claimed the lane, or the job is gone.
        if (preparation is null) return await lane.EndAsync(LaneEnd.HandedBack);
        if (await lane.ObeyControlAsync(connection, stopping) is { } end) return end;
        using var running = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var watch = lane.WatchControlLoopAsync(running);
        try
        {
            await preparation.FindAsync(connection, running.Token);
            return await lane.ObeyControlAsync(connection, stopping) ?? await StoreAsync(connection, lane, preparation, running.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The job's control is read again below.
        }
        finally
        {
            await running.CancelAsync();
            await watch;
        }

        // A cancelled COPY closes its connection.
        await using var another = await database.OpenConnectionAsync(stopping);
        return await lane.ObeyControlAsync(another, stopping) ?? await lane.EndAsync(LaneEnd.HandedBack);
    }

    // The lane's row is locked only after the long statements, so that the lease can be renewed while they run. A worker that has lost
    // the lane meanwhile then notices it.
    private async Task<LaneResult> StoreAsync(
        NpgsqlConnection connection, HeldLane lane, ILanePreparation preparation, CancellationToken running)
    {
        await using var transaction = await connection.BeginTransactionAsync(running);
        await preparation.StoreAsync(connection, running);
        if (!await lane.LockAsync(connection, lane.Claim.Cursor, isAlone: false, running)) return lane.Lose();
        var prepared = await preparation.FinishAsync(connection, running);
        var opened = await LaneTable.OpenAsync(connection, lane.Name, prepared.Lanes, running);
        await transaction.CommitAsync(CancellationToken.None);
        LogPrepared(lane.Name.JobId, prepared.Found, opened.Count);
        return new LaneResult(LaneEnd.Prepared, Opened: opened);
    }

    [LoggerMessage(200, LogLevel.Information, "Lane {Lane} of job {JobId} (fence {Fence}) ended {End} after {Milliseconds:0} ms")]
    private partial void LogEnded(Guid jobId, int lane, long fence, LaneEnd end, double milliseconds);

    [LoggerMessage(206, LogLevel.Information, "Job {JobId} prepared: {Found}, {Lanes} lanes")]
    private partial void LogPrepared(Guid jobId, string found, int lanes);

    [LoggerMessage(209, LogLevel.Information, "Lane {Lane} of job {JobId} yields to another account")]
    private partial void LogYielded(Guid jobId, int lane);
}
