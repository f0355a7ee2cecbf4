using Driftwood.Data;
using Driftwood.Engine.Postgres;
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

    // Lanes beside those that count above do not wait for requests to end.
    private const int Spare = 2;

    // With a smaller pool, requests and lanes get in each other's way.
    private const int LeastRequests = 4;

    /// <summary>
    /// One NpgsqlDataSource for the process, and a DriftwoodDb for each request on its connections. A few connections are reserved.
    /// </summary>
    public static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseRoute route, int workers)
    {
        var settings = new NpgsqlConnectionStringBuilder(route.Data);
        settings.ApplicationName ??= "driftwood";
        if (!settings.ShouldSerialize("Maximum Pool Size"))
        {
            settings.MaxPoolSize = Math.Max(LeastPool, (ConnectionsOfAWorker + 1) * workers);
        }
        services.AddSingleton(route);
        if (route.IsAssumed) services.AddHostedService<AssumedRouteCheck>();
        services.AddSingleton(route.IsDistributed ? SqlDialect.Citus : SqlDialect.Plain);
        services.AddSingleton(new ConnectionBudget(
            Math.Max(LeastRequests, settings.MaxPoolSize - ConnectionsOfAWorker * workers - Spare)));
        services.AddSingleton(provider => new ReservedConnections(settings, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new NpgsqlDataSourceBuilder(settings.ConnectionString)
            .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>())
            .Build());
        services.AddDbContextPool<DriftwoodDb>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()).UseDriftwood());
        return services;
    }
}

/// <summary>How the connections of the process are shared.</summary>
/// <param name="Requests">Requests that may be under way at once. The others are left to lanes and maintenance.</param>
internal sealed record ConnectionBudget(int Requests);
