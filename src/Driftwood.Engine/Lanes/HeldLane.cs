using Driftwood.Engine.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>A lane that this worker has claimed. It renews the lease, obeys the job's control, and ends the hold.</summary>
internal sealed partial class HeldLane(LaneClaim claim, LaneTable lanes, LaneOptions options, ILogger logger)
{
    // A pause takes effect within two seconds: the worker sees it after half a second, and the server stops within the rest.
    private static readonly TimeSpan ControlInterval = TimeSpan.FromSeconds(0.5);

    public LaneClaim Claim => claim;

    public LaneRef Name => claim.Lane;

    /// <summary>Renews the lease after each third of its time. A chunk that locks the lane's row renews the lease itself.</summary>
    public Task RenewLeaseLoopAsync(CancellationToken cancellationToken) =>
        RepeatAsync(options.Lease / 3, () => lanes.RenewAsync(claim, cancellationToken), cancellationToken);

    /// <summary>Cancels <paramref name="running"/> once the job is paused, cancelled or gone.</summary>
    public Task WatchControlLoopAsync(CancellationTokenSource running) => RepeatAsync(
        ControlInterval,
        async () =>
        {
            if (await lanes.ReadControlAsync(Name, running.Token) is not null) await running.CancelAsync();
        },
        running.Token);

    /// <summary>Ends the hold if the job's caller or this process asks for it; else returns null.</summary>
    public async Task<LaneResult?> ObeyControlAsync(NpgsqlConnection connection, CancellationToken stopping) =>
        await LaneTable.ReadControlAsync(connection, Name, stopping) switch
        {
            LaneEnd.Lost => new LaneResult(LaneEnd.Lost),
            { } end => await EndAsync(end),
            null when stopping.IsCancellationRequested => await EndAsync(LaneEnd.HandedBack),
            null => null,
        };

    /// <summary>
    /// Locks the lane's row in the connection's transaction. Returns false when another worker has the lane, or when its cursor is not
    /// at <paramref name="cursor"/>.
    /// </summary>
    /// <param name="connection">With a transaction.</param>
    /// <param name="cursor">The expected cursor of the lane.</param>
    /// <param name="isAlone">The transaction is for a single row. The row is given up if it is too slow.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<bool> LockAsync(NpgsqlConnection connection, long cursor, bool isAlone, CancellationToken cancellationToken)
    {
        // A statement that outlives the lease, or a transaction without a worker, must not lock the lane's row for longer than the lease.
        // The shorter lock timeout tells a slow row from a row that somebody else has locked.
        var limit = (long)(options.Lease.TotalMilliseconds * 0.8);
        var waits = isAlone ? FormattableString.Invariant($"; set local lock_timeout = {limit / 2}") : "";
        var settings = options.Dialect.Propagate + FormattableString.Invariant(
            $"set local statement_timeout = {limit}; set local idle_in_transaction_session_timeout = {limit}{waits}");
        return await LaneTable.LockAsync(connection, claim, cursor, settings, cancellationToken);
    }

    /// <summary>Ends the hold, and settles the job if this was its last lane.</summary>
    /// <param name="end">HandedBack, Completed, Stopped or Failed.</param>
    /// <param name="error">With Failed: the reason, for people.</param>
    public async Task<LaneResult> EndAsync(LaneEnd end, string? error = null)
    {
        var status = end switch
        {
            LaneEnd.HandedBack => "ready",
            LaneEnd.Completed => "completed",
            LaneEnd.Stopped => "stopped",
            _ => "failed",
        };
        try
        {
            var (isMine, job) = await lanes.ReleaseAsync(claim, status, error, CancellationToken.None);
            if (!isMine) return Lose();
            if (job is not null) JobEndLog.Note(logger, job);
        }
        catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
        {
            // The lease runs out, and another worker continues at the lane's cursor.
            LogUnreleased(exception, Name.JobId, Name.Lane);
        }

        return new LaneResult(end);
    }

    /// <summary>Keeps the lane unclaimed for a moment, which does not count as a retry. The delay has jitter.</summary>
    /// <param name="maxDelay">The longest delay; the shortest is a quarter of it.</param>
    public Task<LaneResult> PostponeAsync(TimeSpan maxDelay) =>
        PostponeAsync(counts: false, (int)(maxDelay / 4).TotalMilliseconds, (int)maxDelay.TotalMilliseconds);

    /// <summary>Decides how the lane ends after an exception that nothing else has handled.</summary>
    public async Task<LaneResult> RecoverAsync(Exception exception)
    {
        // A database error that is not about the data may come from a running migration. It gets as many tries.
        var mayPass = PostgresFaults.IsPassing(exception) || exception is PostgresException;
        if (!mayPass || claim.Retries >= options.MaxRetries)
        {
            LogFailed(exception, Name.JobId, Name.Lane, claim.Retries);
            return await EndAsync(LaneEnd.Failed, PostgresFaults.Describe(exception));
        }

        LogPostponed(exception, Name.JobId, Name.Lane, claim.Retries);
        if (PostgresFaults.IsOutOfResources(exception)) return await PostponeAsync(TimeSpan.FromSeconds(4));
        // The delay doubles with each retry, so that lanes that clashed do not clash again at once.
        return await PostponeAsync(counts: true, 50, Math.Min(10_000, 200 << Math.Min(claim.Retries, 6)));
    }

    /// <summary>The database refused this worker's write: it stalled for longer than its lease, and another one has the lane.</summary>
    public LaneResult Lose()
    {
        LaneMetrics.LanesLost.Add(1);
        LogLost(Name.JobId, Name.Lane, claim.Fence);
        return new LaneResult(LaneEnd.Lost);
    }

    private async Task<LaneResult> PostponeAsync(bool counts, int minMilliseconds, int maxMilliseconds)
    {
        var delay = TimeSpan.FromMilliseconds(Random.Shared.Next(minMilliseconds, maxMilliseconds));
        try
        {
            var isMine = await lanes.PostponeAsync(claim, delay, counts, CancellationToken.None);
            return isMine ? new LaneResult(LaneEnd.Postponed, delay) : Lose();
        }
        catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
        {
            LogUnreleased(exception, Name.JobId, Name.Lane);
            return new LaneResult(LaneEnd.Postponed, options.Lease);
        }
    }

    // Runs until it is cancelled. After a database error, the next try replaces the failed one.
    private async Task RepeatAsync(TimeSpan interval, Func<Task> action, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await action();
                }
                catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
                {
                    LogMissedBeat(exception, Name.JobId, Name.Lane);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lane has ended, or the control loop has seen a request.
        }
    }

    [LoggerMessage(202, LogLevel.Warning, "Lane {Lane} of job {JobId}: lease not renewed")]
    private partial void LogMissedBeat(Exception exception, Guid jobId, int lane);

    [LoggerMessage(203, LogLevel.Warning, "Lane {Lane} of job {JobId} postponed after {Retries} retries")]
    private partial void LogPostponed(Exception exception, Guid jobId, int lane, int retries);

    [LoggerMessage(204, LogLevel.Error, "Lane {Lane} of job {JobId} failed after {Retries} retries")]
    private partial void LogFailed(Exception exception, Guid jobId, int lane, int retries);

    [LoggerMessage(205, LogLevel.Warning, "Lane {Lane} of job {JobId} not released; its lease will run out")]
    private partial void LogUnreleased(Exception exception, Guid jobId, int lane);

    [LoggerMessage(
        208,
        LogLevel.Warning,
        "Lane {Lane} of job {JobId}: a write with fence {Fence} was refused: another worker has the lane, or it is gone")]
    private partial void LogLost(Guid jobId, int lane, long fence);
}
