using Driftwood.Api.Platform.Hosting;
using Driftwood.Data;
using Driftwood.Engine.Lanes;
using Driftwood.Hangfire;

namespace Driftwood.Api.Work;

/// <summary>The job engines: their tables, queues and workers.</summary>
internal static class JobEngineServices
{
    /// <summary>Makes what the engine stores in the database beside the service's own tables.</summary>
    /// <exception cref="PoolerException">They are missing, and there is no session to make them in.</exception>
    public static async Task InstallAsync(string engine, DatabaseRoute database, CancellationToken cancellationToken)
    {
        if (engine != JobEngines.Hangfire) return;
        if (database.Sessions is { } sessions) await HangfireSchema.InstallAsync(sessions, cancellationToken);
        else if (!await HangfireSchema.IsInstalledAsync(database.Data, cancellationToken))
        {
            throw new PoolerException(
                "Hangfire's tables are missing, and a pooler in transaction mode cannot carry their making; "
                    + "set ConnectionStrings:DriftwoodDirect to a connection to the server itself.");
        }
    }

    /// <summary>Hangfire: the queue of tickets, and on nodes that work the workers.</summary>
    public static IServiceCollection AddHangfireLanes(
        this IServiceCollection services, DriftwoodOptions options, DatabaseRoute database) =>
        services.AddHangfireLanes(
            new HangfireSettings(
                database.Sessions ?? database.Data,
                HasSessions: database.Sessions is not null,
                IsDirect: database.Direct is not null || database.Pooler == PoolerMode.None,
                TimeSpan.FromSeconds(options.Jobs.LeaseSeconds), options.Jobs.Workers),
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
