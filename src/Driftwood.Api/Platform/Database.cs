using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Api.Platform;

/// <summary>Where the connection string comes from, and what is built on it.</summary>
internal static class Database
{
    /// <summary>
    /// <c>ConnectionStrings:Driftwood</c> where it is set. Awaited before the host is built, because without it a
    /// database has to be started first.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is neither a connection string nor an embedded server.</exception>
    public static Task<string> FindConnectionStringAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return configuration.GetConnectionString("Driftwood") is { Length: > 0 } configured
            ? Task.FromResult(configured)
            : throw new InvalidOperationException(
                "No database: set ConnectionStrings__Driftwood, such as Host=localhost;Database=driftwood;Username=driftwood.");
    }

    /// <summary>Before the host is built, so that nothing ever runs against an older schema.</summary>
    public static async Task MigrateAsync(this WebApplicationBuilder builder, string connectionString)
    {
        using var logging = LoggerFactory.Create(log => log.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        await Migrator.MigrateAsync(connectionString, logging.CreateLogger("Driftwood.Data.Migrator"), CancellationToken.None);
    }

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
