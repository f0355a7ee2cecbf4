using Driftwood.Engine.Lanes;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Common;
using Hangfire.Dashboard;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Driftwood.Hangfire;

/// <summary>Lanes woken by Hangfire on PostgreSQL.</summary>
public static class HangfireServices
{
    // What is left of a lane's job is for people who look soon; its lane tells the rest.
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromMinutes(10);

    /// <summary>The queue; with <paramref name="runsLanes"/> the workers too. The storage is one a process, and none of Hangfire's statics.</summary>
    public static IServiceCollection AddHangfireLanes(this IServiceCollection services, HangfireSettings settings, bool runsLanes)
    {
        services.AddSingleton(settings);
        services.AddSingleton(OpenStorage);
        services.AddSingleton(_ => Filters());
        services.AddSingleton<IBackgroundJobClient>(provider =>
            new BackgroundJobClient(provider.GetRequiredService<JobStorage>(), provider.GetRequiredService<JobFilterCollection>()));
        services.AddSingleton<ILaneQueue, HangfireQueue>();
        services.AddTransient<LaneJob>();
        // What the dashboard's mapping asks for.
        services.AddSingleton<IGlobalConfiguration>(GlobalConfiguration.Configuration);
        services.AddSingleton(DashboardRoutes.Routes);
        if (runsLanes) services.AddHostedService<HangfireWorkers>();
        return services;
    }

    // Neither retries, as the sweeper does that, nor failed jobs, which would be kept for ever.
    private static JobFilterCollection Filters()
    {
        JobFilterCollection filters = new();
        filters.Add(new AutomaticRetryAttribute { Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete });
        return filters;
    }

    private static JobStorage OpenStorage(IServiceProvider services)
    {
        Configure(services);
        var settings = services.GetRequiredService<HangfireSettings>();
        PostgreSqlStorageOptions options = new()
        {
            SchemaName = HangfireSettings.Schema,
            // At start or by the migrate command, as the other tables.
            PrepareSchemaIfNecessary = false,
            InvisibilityTimeout = settings.Invisibility,
            UseSlidingInvisibilityTimeout = true,
            // A worker killed while it changes a job's state leaves the job's lock behind, and by default the next one waits ten minutes for it.
            DistributedLockTimeout = settings.Invisibility,
            EnableLongPolling = true,
            // For what a listening connection missed.
            QueuePollInterval = TimeSpan.FromSeconds(1),
            JobExpirationCheckInterval = TimeSpan.FromMinutes(5),
        };
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(settings.OwnConnectionString, options), options) { JobExpirationTimeout = KeptAfterwards };
    }

    // The format of stored jobs and the log are the process's; job types are named without version, for nodes of two versions side by side.
    private static void Configure(IServiceProvider services)
    {
        GlobalConfiguration.Configuration
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseLogProvider(new AspNetCoreLogProvider(services.GetRequiredService<ILoggerFactory>()));
        // Loggers are asked for with each job, of a factory that ends with its host.
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(() => GlobalConfiguration.Configuration.UseNoOpLogProvider());
    }
}
