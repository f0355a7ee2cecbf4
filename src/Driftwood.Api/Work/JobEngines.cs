using Driftwood.Api.Platform;
using Driftwood.Engine.Lanes;
#if FULL_STACK
using Driftwood.Hangfire;
#endif

namespace Driftwood.Api.Work;

/// <summary>What lanes are woken by, under the names of <c>Driftwood:Jobs:Engine</c>.</summary>
internal static class JobEngines
{
    /// <summary>Workers that listen to NOTIFY.</summary>
    public const string InProcess = "in_process";

    /// <summary>Hangfire on the service's own database.</summary>
    public const string Hangfire = "hangfire";

#if FULL_STACK
    public const string Rule = "Jobs:Engine must be in_process or hangfire";

    public static readonly string[] InThisBuild = [InProcess, Hangfire];
#else
    public const string Rule = "Jobs:Engine must be in_process; hangfire needs a build with -p:FullStack=true";

    public static readonly string[] InThisBuild = [InProcess];
#endif

    /// <summary>Makes what the engine stores in the database beside the service's own tables.</summary>
    public static Task InstallAsync(string engine, string connectionString, CancellationToken cancellationToken) => engine switch
    {
#if FULL_STACK
        Hangfire => HangfireSchema.InstallAsync(connectionString, cancellationToken),
#endif
        _ => Task.CompletedTask,
    };

    /// <summary>The queue that wakes lanes and, on nodes that work, the workers.</summary>
    public static IServiceCollection AddJobEngine(this IServiceCollection services, DriftwoodOptions options, string connectionString)
    {
        var works = options.Role != Role.Api;
#if FULL_STACK
        if (options.Jobs.Engine == Hangfire)
        {
            return services.AddHangfireLanes(
                new HangfireSettings(connectionString, TimeSpan.FromSeconds(options.Jobs.LeaseSeconds), options.Jobs.Workers), works);
        }
#endif
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
