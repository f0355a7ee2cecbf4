using Driftwood.Engine.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>A lane that this worker has claimed: renews its lease, obeys its job's control, and ends the hold.</summary>
internal sealed partial class HeldLane(LaneClaim claim, LaneTable lanes, LaneOptions options, ILogger logger)
{
    // A pause takes effect within two seconds: half a second until it is seen, the rest for the server to stop.
    private static readonly TimeSpan ControlInterval = TimeSpan.FromSeconds(0.5);

    public LaneClaim Claim => claim;

    public LaneRef Name => claim.Lane;

    /// <summary>Renews the lease every third of it. A chunk that holds the lane's row renews the lease itself.</summary>
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

    /// <summary>Ends the hold where the job's caller, or this process, wants that; else null.</summary>
    public async Task<LaneResult?> ObeyControlAsync(NpgsqlConnection connection, CancellationToken stopping) =>
        await LaneTable.ReadControlAsync(connection, Name, stopping) switch
        {
            LaneEnd.Lost => new LaneResult(LaneEnd.Lost),
            { } end => await EndAsync(end),
            null when stopping.IsCancellationRequested => await EndAsync(LaneEnd.HandedBack),
            null => null,
        };

    /// <summary>
    /// Locks the lane's row in the connection's transaction. False when the lane is another worker's by now, or stands elsewhere
    /// than at <paramref name="cursor"/>.
    /// </summary>
    /// <param name="connection">With a transaction.</param>
    /// <param name="cursor">Where the lane is expected to stand.</param>
    /// <param name="isAlone">The transaction is for one row, which is given up when it is too slow.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public async Task<bool> LockAsync(NpgsqlConnection connection, long cursor, bool isAlone, CancellationToken cancellationToken)
    {
        // A statement that outlives the lease, or a transaction whose worker is gone, must not hold the lane's row for longer
        // than that. The shorter lock timeout tells a slow row from one that somebody else has locked.
        var limit = (long)(options.Lease.TotalMilliseconds * 0.8);
        var waits = isAlone ? FormattableString.Invariant($"; set local lock_timeout = {limit / 2}") : "";
        var settings = FormattableString.Invariant(
            $"set local statement_timeout = {limit}; set local idle_in_transaction_session_timeout = {limit}{waits}");
        await using (var command = new NpgsqlCommand(settings, connection)) await command.ExecuteNonQueryAsync(CancellationToken.None);
        return await LaneTable.LockAsync(connection, claim, cursor, cancellationToken);
    }

    /// <summary>Ends the hold, and settles the job where this was its last lane.</summary>
    /// <param name="end">HandedBack, Completed, Stopped or Failed.</param>
    /// <param name="error">With Failed: why, for people.</param>
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
            if (!await lanes.ReleaseAsync(claim, status, error, CancellationToken.None)) return Lose();
        }
        catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
        {
            // The lease runs out and another worker finds the lane where its cursor is.
            LogUnreleased(exception, Name.JobId, Name.Lane);
        }

        return new LaneResult(end);
    }

    /// <summary>
    /// Lets nobody claim the lane for a moment. The delay doubles with each retry and has full jitter, so that lanes that clashed
    /// do not meet again at once.
    /// </summary>
    /// <param name="counts">Whether this counts as a retry.</param>
    public Task<LaneResult> PostponeAsync(bool counts) => PostponeAsync(counts, 50, Math.Min(10_000, 200 << Math.Min(claim.Retries, 6)));

    /// <summary>What becomes of the lane after an exception that nothing else has dealt with.</summary>
    public async Task<LaneResult> RecoverAsync(Exception exception)
    {
        // An error of the database for another reason than the data may be a migration under way: worth as many tries.
        var mayPass = PostgresFaults.IsPassing(exception) || exception is PostgresException;
        if (!mayPass || claim.Retries >= options.MaxRetries)
        {
            LogFailed(exception, Name.JobId, Name.Lane, claim.Retries);
            return await EndAsync(LaneEnd.Failed, PostgresFaults.Describe(exception));
        }

        LogPostponed(exception, Name.JobId, Name.Lane, claim.Retries);
        return PostgresFaults.IsOutOfResources(exception)
            ? await PostponeAsync(counts: false, 1_000, 4_000)
            : await PostponeAsync(counts: true);
    }

    /// <summary>This worker's write was refused: it stalled for longer than its lease, and another has the lane.</summary>
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

    // Runs until it is cancelled. After an error of the database the next try makes up for the failed one.
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
            // The lane has ended, or its control was seen.
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
