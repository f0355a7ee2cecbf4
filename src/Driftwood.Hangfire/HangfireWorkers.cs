using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Driftwood.Hangfire;

/// <summary>
/// The workers of this node. Hangfire's own server class is not used: it waits for minutes after an outage of minutes, and looks
/// for scheduled and recurring jobs, of which there are none.
/// </summary>
internal sealed class HangfireWorkers(
    JobStorage storage, JobFilterCollection filters, HangfireSettings settings, IServiceScopeFactory scopes,
        IHostApplicationLifetime lifetime)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(3);

    // A chunk ends within four fifths of the lease; a process is given 15 s to stop.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(13);

    private BackgroundProcessingServer? _server;
    private CancellationTokenRegistration _stopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        string[] queues = [HangfireSettings.Queue];
        var performer = new BackgroundJobPerformer(filters, new AspNetCoreJobActivator(scopes), TaskScheduler.Default);
        var worker = new Worker(queues, performer, new BackgroundJobStateChanger(filters));
        _server = new BackgroundProcessingServer(
            storage,
            [worker.UseBackgroundPool(settings.WorkerCount)],
            new Dictionary<string, object> { ["Queues"] = queues, ["WorkerCount"] = settings.WorkerCount },
            new BackgroundProcessingServerOptions
            {
                RetryDelay = attempt => TimeSpan.FromSeconds(Math.Min(attempt, MaxDelay.TotalSeconds)),
                RestartDelay = MaxDelay,
                // Running lanes are told at once and end after their chunk.
                StopTimeout = TimeSpan.Zero,
                ShutdownTimeout = ShutdownTimeout,
            });
        // Services stop one after the other, and requests may take their time.
        _stopping = lifetime.ApplicationStopping.Register(_server.SendStop);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is not { } server) return;
        server.SendStop();
        try
        {
            await server.WaitForShutdownAsync(cancellationToken);
        }
        catch (ObjectDisposedException) when (_server is null)
        {
            // The host was disposed of meanwhile, which waits for the same end.
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        // A host that is disposed of before it has stopped may stop once more.
        Interlocked.Exchange(ref _server, null)?.Dispose();
    }
}
