using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Api.Platform;

internal static class DatabaseServices
{
    /// <summary>One NpgsqlDataSource for the process, and a DriftwoodDb for each request on its connections.</summary>
    public static IServiceCollection AddDatabase(this IServiceCollection services, string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.ApplicationName ??= "driftwood";
        services.AddSingleton(provider => new NpgsqlDataSourceBuilder(settings.ConnectionString)
            .UseLoggerFactory(provider.GetRequiredService<ILoggerFactory>())
            .Build());
        services.AddDbContextPool<DriftwoodDb>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()));
        return services;
    }
}
