using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Maintenance;
using Driftwood.Storage;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Work.Maintenance;

/// <summary>
/// The outbox, the retry and the recovery, whichever engine runs the lanes: wakes lanes that nobody holds, settles
/// jobs whose last worker died, and clears away what has expired or what dry runs left. Safe on many nodes at once.
/// </summary>
internal sealed partial class Sweeper(
    LaneTable lanes, ILaneQueue queue, IServiceScopeFactory scopes, IOptions<DriftwoodOptions> options, ILogger<Sweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromMinutes(10);

    // Longer than any upload may stall between two blocks, as the files are shared by nodes whose clocks differ.
    private static readonly TimeSpan TemporaryFileAge = TimeSpan.FromHours(25);

    // Longer than the time between the end of a body and the row that names its file.
    private static readonly TimeSpan UnreferencedFileAge = TimeSpan.FromHours(25);

    // Twice what the contract promises.
    private static readonly TimeSpan IdempotencyKeyAge = TimeSpan.FromHours(48);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.Jobs.SweepSeconds));
        var cleaned = TimeSpan.Zero;
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
                cleaned -= timer.Period;
                if (cleaned > TimeSpan.Zero) continue;
                await CleanAsync(stoppingToken);
                cleaned = CleaningInterval;
            }
            catch (Exception exception) when (exception.IsDatabaseFault())
            {
                LogUnreachable(exception.Message);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogUncleaned(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var settled = await lanes.SettleForgottenAsync(cancellationToken);
        var claimable = await lanes.ListClaimableAsync(cancellationToken);
        if (settled + claimable.Count > 0) LogSwept(claimable.Count, settled);
        await queue.WakeAsync(claimable, cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DryRunCleanup>().RunAsync(cancellationToken);
    }

    private async Task CleanAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var services = scope.ServiceProvider;
        await services.GetRequiredService<MaintenanceRetry>().RunAsync(cancellationToken);
        await services.GetRequiredService<UploadExpiry>().RunAsync(cancellationToken);
        await services.GetRequiredService<JobRetention>().RunAsync(cancellationToken);
        await services.GetRequiredService<UnreferencedFiles>().RunAsync(UnreferencedFileAge, cancellationToken);
        await services.GetRequiredService<Idempotency>().PurgeAsync(IdempotencyKeyAge, cancellationToken);
        services.GetRequiredService<UploadStore>().CleanTemporary(TemporaryFileAge);
    }

    [LoggerMessage(320, LogLevel.Debug, "Swept: {Lanes} lanes woken, {Jobs} jobs settled")]
    private partial void LogSwept(int lanes, int jobs);

    [LoggerMessage(321, LogLevel.Warning, "The sweeper cannot reach the database: {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(322, LogLevel.Warning, "Leftover files could not be removed: {Reason}")]
    private partial void LogUncleaned(string reason);
}
