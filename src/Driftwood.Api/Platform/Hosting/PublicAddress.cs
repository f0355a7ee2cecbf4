using System.Net;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The beginning of the absolute URLs in answers, without a slash at its end.</summary>
internal static class PublicAddress
{
    /// <summary>
    /// <c>Driftwood:PublicUrl</c>; or else the address that the request came to, which is one of this machine. A Host header with
    /// another name is not followed: a stranger may have written it.
    /// </summary>
    public static string Of(HttpContext http)
    {
        var configured = http.RequestServices.GetRequiredService<IOptions<DriftwoodOptions>>().Value.PublicUrl;
        if (configured is not null) return configured.ToString().TrimEnd('/');
        var request = http.Request;
        var host = IsLoopback(request.Host.Host)
            ? request.Host
            : new HostString($"{http.Connection.LocalIpAddress ?? IPAddress.Loopback}", http.Connection.LocalPort);
        return $"{request.Scheme}://{host}{request.PathBase}";
    }

    /// <summary>Whether only this machine reaches a host.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
