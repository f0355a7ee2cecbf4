using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Engine.Lanes;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Work;

/// <summary>The in-process job engine: a fixed number of workers, each claiming the next lane that is due until there is none.</summary>
internal sealed partial class LaneWorkers(
    LaneRunner runner, LaneSignal signal, ILaneQueue queue, IOptions<DriftwoodOptions> options, ILogger<LaneWorkers> logger)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var workers = options.Value.Jobs.WorkerCount;
        LogStarted(workers);
        signal.Set(workers);
        return Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => RunAsync(stoppingToken), CancellationToken.None)));
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var result = await runner.RunAsync(null, stopping);
                if (result.End == LaneEnd.NothingToClaim) await signal.WaitAsync(stopping);
                else if (result.End == LaneEnd.Prepared) await queue.WakeAsync(result.Opened!, stopping);
                else if (result.End == LaneEnd.Postponed) _ = WakeLaterAsync(result.RetryAfter, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception.IsDatabaseFault())
            {
                // No lane was claimed. The sweeper wakes the workers once the database is back.
                LogUnreachable(exception.Message);
                await WaitAsync(stopping);
            }
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        try
        {
            await signal.WaitAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it too.
        }
    }

    private async Task WakeLaterAsync(TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, stopping);
            signal.Set(1);
        }
        catch (OperationCanceledException)
        {
            // Nobody is left to wake.
        }
    }

    [LoggerMessage(300, LogLevel.Information, "{Workers} workers run lanes in this process")]
    private partial void LogStarted(int workers);

    [LoggerMessage(301, LogLevel.Warning, "Workers cannot reach the database: {Reason}")]
    private partial void LogUnreachable(string reason);
}
