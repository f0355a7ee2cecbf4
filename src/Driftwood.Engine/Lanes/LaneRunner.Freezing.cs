using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>The part that finds a bulk job's targets before its lanes begin.</summary>
public sealed partial class LaneRunner
{
    // Control is acted upon within two seconds: half a second until it is seen, the rest for the server to stop.
    private static readonly TimeSpan ControlInterval = TimeSpan.FromSeconds(0.5);

    private async Task<LaneResult> FreezeAsync(LaneClaim claim, CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        var freezing = await loader.OpenFreezingAsync(connection, claim.Lane, stopping);
        // Frozen by another worker while this one claimed the lane, or gone.
        if (freezing is null) return await EndAsync(claim, LaneEnd.HandedBack, "ready", null);
        if (await HeedControlAsync(connection, claim, stopping) is { } end) return end;
        using var running = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var watch = WatchControlAsync(claim, running);
        try
        {
            return await FreezeAsync(connection, claim, freezing, running.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // What the watch saw is looked at below.
        }
        finally
        {
            await running.CancelAsync();
            await watch;
        }

        // Another connection, as one is closed where a COPY on it is cancelled.
        await using var heeding = await database.OpenConnectionAsync(stopping);
        return await HeedControlAsync(heeding, claim, stopping) ?? await EndAsync(claim, LaneEnd.HandedBack, "ready", null);
    }

    // The lane's row is locked only after the long statement, so that the heartbeat renews the lease while it runs; whoever
    // lost the lane meanwhile finds that out then.
    private async Task<LaneResult> FreezeAsync(NpgsqlConnection connection, LaneClaim claim, TargetResolution freezing, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var targets = await freezing.FreezeAsync(database, connection, options.FreezeTimeout, cancellationToken);
        await SetTimeoutsAsync(connection);
        if (!await LaneTable.LockAsync(connection, claim, claim.Cursor, cancellationToken)) return Lose(claim);
        await RecordSchemaLock.HoldAsync(connection, claim.Lane.AccountId, freezing.Type, cancellationToken);
        freezing.Require(targets);
        var opened = await freezing.SaveAsync(connection, targets, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        LogFrozen(claim.Lane.JobId, targets, opened.Count);
        return new LaneResult(LaneEnd.Planned, Opened: opened);
    }

    /// <summary>Cancels what runs once the job is paused, cancelled or gone.</summary>
    private async Task WatchControlAsync(LaneClaim claim, CancellationTokenSource running)
    {
        using var timer = new PeriodicTimer(ControlInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(running.Token))
            {
                try
                {
                    await using var connection = await database.OpenConnectionAsync(running.Token);
                    if (await LaneTable.ReadControlAsync(connection, claim.Lane, running.Token) != "run") await running.CancelAsync();
                }
                catch (Exception exception) when (PostgresFaults.IsOfDatabase(exception))
                {
                    LogMissedBeat(exception, claim.Lane.JobId, claim.Lane.Lane);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended, or was cancelled here.
        }
    }

    [LoggerMessage(207, LogLevel.Information, "Job {JobId} frozen: {Targets} targets, {Lanes} lanes")]
    private partial void LogFrozen(Guid jobId, long targets, int lanes);
}
