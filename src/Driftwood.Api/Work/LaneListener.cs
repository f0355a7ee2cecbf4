using Driftwood.Api.Platform.Persistence;
using Driftwood.Data;
using Npgsql;

namespace Driftwood.Api.Work;

/// <summary>
/// Listens for lanes that other nodes made ready. While the connection is down the sweeper stands in. Where no connection keeps its
/// session, it only asks a worker to look again and again.
/// </summary>
internal sealed partial class LaneListener(DatabaseRoute database, LaneSignal signal, ILogger<LaneListener> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(0.5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (database.Sessions is { } sessions) await ListenAsync(sessions, stoppingToken);
                else await PollAsync(stoppingToken);
            }
            catch (Exception exception) when (exception.IsDatabaseFault())
            {
                LogLost(exception.Message);
                await Task.Delay(Retry, stoppingToken);
            }
        }
    }

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PollInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken)) signal.Set(1);
    }

    private async Task ListenAsync(string sessions, CancellationToken stoppingToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(sessions) { Pooling = false, ApplicationName = "driftwood-listen" };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(stoppingToken);
        connection.Notification += (_, notification) =>
            signal.Set(int.TryParse(notification.Payload, out var lanes) ? lanes : 1);
        await using (var command = new NpgsqlCommand($"listen {InProcessQueue.Channel}", connection))
        {
            await command.ExecuteNonQueryAsync(stoppingToken);
        }

        // A server that is gone without a word shows only when it is asked something.
        while (true)
        {
            if (await connection.WaitAsync(KeepAlive, stoppingToken)) continue;
            await using var ping = new NpgsqlCommand("select 1", connection);
            await ping.ExecuteNonQueryAsync(stoppingToken);
        }
    }

    [LoggerMessage(310, LogLevel.Warning, "The connection that listens for lanes was lost: {Reason}")]
    private partial void LogLost(string reason);
}
