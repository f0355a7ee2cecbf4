using System.Net;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Persistence;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>What stands between callers and the node: proxies that are trusted, and web pages of other origins.</summary>
internal static class Edge
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);

    /// <summary>Headers of answers that scripts of other origins may read.</summary>
    private static readonly string[] Readable =
        [RequestIds.Header, "Retry-After", "ETag", Idempotency.ReplayedHeader, RateLimitHeaders.Limit, RateLimitHeaders.Remaining,
            RateLimitHeaders.Reset];

    public static void AddEdge(this IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<DriftwoodOptions>>((forwarded, options) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            // Only these proxies write the headers, so each hop is looked at.
            forwarded.ForwardLimit = null;
            foreach (var proxy in options.Value.TrustedProxies) forwarded.KnownIPNetworks.Add(NetworkOf(proxy)!.Value);
        });
    }

    /// <summary>The caller's own address and scheme, where a trusted proxy says them.</summary>
    public static void UseTrustedProxies(this WebApplication app, DriftwoodOptions options)
    {
        if (options.TrustedProxies.Length > 0) app.UseForwardedHeaders();
    }

    /// <summary>Answers preflight requests, and lets scripts of the allowed origins read answers.</summary>
    public static void UseAllowedOrigins(this WebApplication app, DriftwoodOptions options)
    {
        if (options.CorsOrigins.Length == 0) return;
        app.UseCors(policy => policy
            .WithOrigins(options.CorsOrigins)
            .WithMethods("GET", "POST", "PUT", "DELETE", "PATCH")
            .AllowAnyHeader()
            .WithExposedHeaders(Readable)
            .SetPreflightMaxAge(PreflightAge));
    }

    /// <summary>A network such as <c>10.0.0.0/8</c>, or a single address; null if it is neither.</summary>
    public static IPNetwork? NetworkOf(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        return IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8) : null;
    }

    /// <summary>Whether a text is an origin, such as <c>https://app.example.com</c>, as browsers send it.</summary>
    public static bool IsOrigin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.GetLeftPart(UriPartial.Authority) == text);
}
