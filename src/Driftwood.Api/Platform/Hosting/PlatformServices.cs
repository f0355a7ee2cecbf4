using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The services and middleware that every route shares, and the /api group.</summary>
internal static class PlatformServices
{
    /// <summary>
    /// Knock's client deletes 1,000 tenants by naming them in the query; with ids of 250 characters, each percent-encoded, that is half a
    /// megabyte. Longer lines are answered with 414.
    /// </summary>
    private const int MaxRequestLineBytes = 512 * 1024;

    /// <summary>ISO 8601 in UTC, and a space before the level.</summary>
    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    public static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddScoped<AfterCommit>();
        services.AddScoped<Idempotency>();
        services.AddScoped<AuditTrail>();
        services.AddSingleton(provider => new CursorKeys(
            provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Uploads.SigningKeys.Select(key => key.Secret)));
        services.AddSingleton<BearerTokens>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Limits);
        services.AddSingleton<AccountLimits>();
        services.AddScoped<AccountAdministration>();
        services.AddValidators();
        services.AddEdge();
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
        // Logging:Console:FormatterName=json writes JSON instead. Without a name the console ignores the settings of its forms.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName ??= ConsoleFormatterNames.Simple);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(form =>
        {
            form.TimestampFormat ??= TimestampFormat;
            (form.UseUtcTimestamp, form.SingleLine) = (true, true);
        });
        builder.Services.Configure<JsonConsoleFormatterOptions>(form =>
        {
            form.TimestampFormat ??= TimestampFormat;
            form.UseUtcTimestamp = true;
        });
    }

    /// <summary>Adds the middleware, in the order in which a request meets it.</summary>
    public static void UsePlatform(this WebApplication app, DriftwoodOptions options)
    {
        app.UseTrustedProxies(options);
        app.UseMiddleware<RequestIds>();
        app.UseMiddleware<ExceptionHandlingMiddleware>();
        app.UseRouting();
        app.UseAllowedOrigins(options);
        app.UseMiddleware<AuthenticationMiddleware>();
        app.UseMiddleware<AccountLimitsMiddleware>();
    }

    /// <summary>The group every RPC is mapped in.</summary>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder app) => app.MapGroup("/api");
}
