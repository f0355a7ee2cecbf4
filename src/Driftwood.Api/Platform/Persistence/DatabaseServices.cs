using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Api.Platform.Persistence;

internal static class DatabaseServices
{
    // A PostgreSQL as installed has room for 100 sessions, of all nodes together; whoever finds none is refused, where
    // requests beyond the pool wait for a connection. More than this a node does not use to any effect.
    private const int LeastPool = 30;

    // The lane's own, in the beginning the one that finds its targets, and for moments those of its heartbeat and of its control.
    private const int ConnectionsOfAWorker = 4;

    /// <summary>One NpgsqlDataSource for the process, and a DriftwoodDb for each request on its connections.</summary>
    public static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseRoute route, int workers)
    {
        var settings = new NpgsqlConnectionStringBuilder(route.Data);
        settings.ApplicationName ??= "driftwood";
        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = Math.Max(LeastPool, (ConnectionsOfAWorker + 1) * workers);
        }
        services.AddSingleton(route);
        services.AddSingleton(provider => new NpgsqlDataSourceBuilder(settings.ConnectionString)
            .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>())
            .Build());
        services.AddDbContextPool<DriftwoodDb>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()).UseDriftwood());
        return services;
    }
}
