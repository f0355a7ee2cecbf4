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

/// <summary>The job engine that runs lanes with Hangfire on PostgreSQL.</summary>
public static class HangfireServices
{
    // Ended tickets are kept for people who look soon. The lanes tell the rest.
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Adds the queue, and with <paramref name="runsLanes"/> the workers. A process has one storage, and uses none of Hangfire's statics.
    /// </summary>
    public static IServiceCollection AddHangfireLanes(this IServiceCollection services, HangfireSettings settings, bool runsLanes)
    {
        services.AddSingleton(settings);
        services.AddSingleton(OpenStorage);
        services.AddSingleton(_ => Filters());
        services.AddSingleton<IBackgroundJobClient>(provider =>
            new BackgroundJobClient(provider.GetRequiredService<JobStorage>(), provider.GetRequiredService<JobFilterCollection>()));
        services.AddSingleton<HangfireQueue>();
        services.AddSingleton<ILaneQueue>(provider => provider.GetRequiredService<HangfireQueue>());
        // Before the workers, because services stop in reverse order: the lanes that workers hand back are still queued.
        services.AddHostedService(provider => provider.GetRequiredService<HangfireQueue>());
        services.AddTransient<LaneTicket>();
        // The mapping of the dashboard asks for these two.
        services.AddSingleton<IGlobalConfiguration>(GlobalConfiguration.Configuration);
        services.AddSingleton(DashboardRoutes.Routes);
        if (runsLanes) services.AddHostedService<HangfireWorkers>();
        return services;
    }

    // No retries, because the sweeper retries lanes. No failed jobs, because Hangfire keeps them for ever.
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
            // The tables are made at start or by the migrate command, as all others.
            PrepareSchemaIfNecessary = false,
            InvisibilityTimeout = settings.Invisibility,
            UseSlidingInvisibilityTimeout = true,
            // A killed node leaves the lock of the clean-up behind, and by default the next one waits ten minutes for it.
            DistributedLockTimeout = settings.Invisibility,
            EnableLongPolling = settings.HasSessions,
            // Finds what a listening connection missed while it was broken. Each look of each idle worker takes four statements.
            QueuePollInterval = TimeSpan.FromSeconds(settings.HasSessions ? 5 : 0.5),
            JobExpirationCheckInterval = TimeSpan.FromMinutes(5),
        };
        return new TicketStorage(
            new NpgsqlConnectionFactory(settings.OwnConnectionString, options), options)
        { JobExpirationTimeout = KeptAfterwards };
    }

    // The format of stored jobs and the log belong to the process. Types are named without a version, so that nodes of two versions work
    // side by side.
    private static void Configure(IServiceProvider services)
    {
        GlobalConfiguration.Configuration
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseLogProvider(new AspNetCoreLogProvider(services.GetRequiredService<ILoggerFactory>()));
        // Hangfire asks for loggers with each job, and the factory ends with its host.
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(
            () => GlobalConfiguration.Configuration.UseNoOpLogProvider());
    }
}
