using System.Diagnostics;
using System.Diagnostics.Metrics;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Work.Maintenance.Tasks;

namespace Driftwood.Api.Work.Maintenance;

/// <summary>
/// Runs every <see cref="IMaintenanceTask"/>, each in a loop of its own. A task that fails is logged, counted and run again after
/// its interval; it stops neither the node nor another task.
/// </summary>
internal sealed partial class MaintenanceLoop(IEnumerable<IMaintenanceTask> tasks, IMeterFactory meters, ILogger<MaintenanceLoop> logger)
    : BackgroundService
{
    public const string MeterName = "Driftwood.Maintenance";

    /// <summary>A pause is shortened at random by up to this share of the interval.</summary>
    private const double Jitter = 0.1;

    private readonly Histogram<double> _duration = meters.Create(MeterName).CreateHistogram<double>(
        "driftwood.maintenance.duration", "s", "Duration of a run of a maintenance task; the outcome is completed or failed.");

    private readonly Counter<long> _items = meters.Create(MeterName).CreateCounter<long>(
        "driftwood.maintenance.items", "{item}", "Items that a maintenance task handled, such as lanes woken or files removed.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(tasks.Select(task => Task.Run(() => RepeatAsync(task, stoppingToken), stoppingToken)));

    private async Task RepeatAsync(IMaintenanceTask task, CancellationToken stoppingToken)
    {
        while (true)
        {
            await RunOnceAsync(task, stoppingToken);
            await Task.Delay(task.Interval * (1 - Jitter * Random.Shared.NextDouble()), stoppingToken);
        }
    }

    private async Task RunOnceAsync(IMaintenanceTask task, CancellationToken stoppingToken)
    {
        var started = Stopwatch.GetTimestamp();
        var name = new KeyValuePair<string, object?>("task", task.Name);
        var outcome = "failed";
        try
        {
            var items = await task.RunAsync(stoppingToken);
            outcome = "completed";
            _items.Add(items, name);
            if (items > 0) LogCompleted(task.Name, items);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception.IsDatabaseFault())
        {
            LogUnreachable(task.Name, exception.Message);
        }
        catch (Exception exception)
        {
            LogFailed(task.Name, exception);
        }
        finally
        {
            _duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, name, new("outcome", outcome));
        }
    }

    [LoggerMessage(320, LogLevel.Debug, "The maintenance task {Task} handled {Items} items")]
    private partial void LogCompleted(string task, long items);

    [LoggerMessage(321, LogLevel.Warning, "The maintenance task {Task} cannot reach the database: {Reason}")]
    private partial void LogUnreachable(string task, string reason);

    [LoggerMessage(322, LogLevel.Error, "The maintenance task {Task} failed and runs again after its interval")]
    private partial void LogFailed(string task, Exception exception);
}
