using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Lanes;
using Driftwood.Hangfire;

namespace Driftwood.Api.Work;

/// <summary>The job engine that is configured: its tables, its queue, its workers.</summary>
internal static class JobEngineServices
{
    /// <summary>Makes what the engine stores in the database beside the service's own tables.</summary>
    public static Task InstallAsync(string engine, string connectionString, CancellationToken cancellationToken) => engine switch
    {
        JobEngines.Hangfire => HangfireSchema.InstallAsync(connectionString, cancellationToken),
        _ => Task.CompletedTask,
    };

    /// <summary>The queue that wakes lanes and, on nodes that work, the workers.</summary>
    public static IServiceCollection AddJobEngine(this IServiceCollection services, DriftwoodOptions options, string connectionString)
    {
        var works = options.Role != Role.Api;
        if (options.Jobs.Engine == JobEngines.Hangfire)
        {
            return services.AddHangfireLanes(
                new HangfireSettings(connectionString, TimeSpan.FromSeconds(options.Jobs.LeaseSeconds), options.Jobs.Workers), works);
        }
        return services.AddInProcess(works);
    }

    private static IServiceCollection AddInProcess(this IServiceCollection services, bool works)
    {
        services.AddSingleton<LaneSignal>();
        services.AddSingleton<ILaneQueue, InProcessQueue>();
        if (!works) return services;
        services.AddHostedService<LaneWorkers>();
        return services.AddHostedService<LaneListener>();
    }
}
