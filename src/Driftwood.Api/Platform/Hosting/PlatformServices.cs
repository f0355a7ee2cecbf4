using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The services and middleware that every route shares, and the /api group.</summary>
internal static class PlatformServices
{
    /// <summary>
    /// Knock's client deletes 1,000 tenants by naming them in the query; with ids of 250 characters, each percent-encoded, that is half a
    /// megabyte. Longer lines are answered with 414.
    /// </summary>
    private const int MaxRequestLineBytes = 512 * 1024;

    public static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddScoped<AfterCommit>();
        services.AddScoped<Idempotency>();
        services.AddScoped<BearerTokens>();
        services.AddScoped<AccountAdministration>();
        services.AddValidators();
        services.Configure<KestrelServerOptions>(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        });
        return services;
    }

    /// <summary>The framework's own lines give way to one line a request, and SQL text stays out of the log.</summary>
    public static void AddLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // Their errors come as exceptions, which the edge logs once and without SQL.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        builder.Logging.AddFilter("Npgsql", LogLevel.None);
        builder.Logging.AddFilter("Hangfire", LogLevel.Warning);
    }

    /// <summary>Adds the middleware, in the order in which a request meets it.</summary>
    public static void UsePlatform(this WebApplication app)
    {
        app.UseMiddleware<RequestIds>();
        app.UseMiddleware<ExceptionHandlingMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AuthenticationMiddleware>();
    }

    /// <summary>The group every RPC is mapped in.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app) => app.MapGroup("/api");
}
