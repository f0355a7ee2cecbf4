using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Features.Compat;

/// <summary>Maps the routes of a service that documents every path with <c>.json</c> and whose clients may leave that out.</summary>
/// <param name="routes">Where the paths begin.</param>
/// <param name="dialect">The service.</param>
/// <param name="texts">The texts of its routes.</param>
internal sealed class JsonPaths(IEndpointRouteBuilder routes, ServiceDialect dialect, CompatTexts texts)
{
    /// <summary>Maps a path with and without <c>.json</c>. A parameter at the end takes both by itself.</summary>
    /// <param name="name">The route's name.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path without <c>.json</c>.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Adds a transaction.</param>
    /// <param name="status">The HTTP status of success.</param>
    public void Map(
        string name,
        string method,
        string path,
        Delegate handler,
        Action<RouteHandlerBuilder>? configure = null,
        int status = StatusCodes.Status200OK)
    {
        Map(name, path);
        if (path.EndsWith('}')) return;
        Map(name + "-json", path + ".json").ExcludeFromDescription();

        RouteHandlerBuilder Map(string own, string pattern)
        {
            var route = texts.Describe(routes.MapService(dialect, own, method, pattern, handler, status), name);
            configure?.Invoke(route);
            return route;
        }
    }
}
