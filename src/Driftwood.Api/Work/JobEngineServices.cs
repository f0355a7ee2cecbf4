using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Lanes;
using Driftwood.Hangfire;

namespace Driftwood.Api.Work;

/// <summary>The job engines: their tables, queues and workers.</summary>
internal static class JobEngineServices
{
    /// <summary>Makes what the engine stores in the database beside the service's own tables.</summary>
    public static Task InstallAsync(string engine, string connectionString, CancellationToken cancellationToken) =>
        engine == JobEngines.Hangfire ? HangfireSchema.InstallAsync(connectionString, cancellationToken) : Task.CompletedTask;

    /// <summary>Hangfire: the queue of tickets, and on nodes that work the workers.</summary>
    public static IServiceCollection AddHangfireLanes(
        this IServiceCollection services, DriftwoodOptions options, string connectionString) =>
        services.AddHangfireLanes(
            new HangfireSettings(connectionString, TimeSpan.FromSeconds(options.Jobs.LeaseSeconds), options.Jobs.Workers),
            runsLanes: options.Role != Role.Api);

    /// <summary>Without Hangfire: NOTIFY, and on nodes that work the listener and the workers.</summary>
    public static IServiceCollection AddInProcessLanes(this IServiceCollection services, DriftwoodOptions options)
    {
        services.AddSingleton<LaneSignal>();
        services.AddSingleton<ILaneQueue, InProcessQueue>();
        if (options.Role == Role.Api) return services;
        services.AddHostedService<LaneWorkers>();
        return services.AddHostedService<LaneListener>();
    }
}
