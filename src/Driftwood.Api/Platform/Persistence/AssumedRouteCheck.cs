using Driftwood.Data;
using Npgsql;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// Runs on a node that started while its database could not be reached. As soon as the database answers, it finds out what the connection
/// leads through. If the node has assumed something else, its statements are wrong, so the node ends, and its supervisor starts it again.
/// </summary>
internal sealed partial class AssumedRouteCheck(
    DatabaseRoute assumed, IHostApplicationLifetime lifetime, ILogger<AssumedRouteCheck> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(0.5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                var found = await DatabaseRoute.FindAsync(assumed.Data, assumed.Direct, stoppingToken);
                if (found with { IsAssumed = true } == assumed) return;
                LogOther();
                break;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(Retry, stoppingToken);
            }
            catch (PoolerException exception)
            {
                LogUnfit(exception.Message);
                break;
            }
        }

        lifetime.StopApplication();
    }

    [LoggerMessage(
        31, LogLevel.Error, "The database answers now. It is behind a pooler or spread over servers. This node assumed otherwise; it ends")]
    private partial void LogOther();

    [LoggerMessage(32, LogLevel.Error, "{Reason} This node ends")]
    private partial void LogUnfit(string reason);
}
