using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Features.Compat;

/// <summary>Maps the routes of a service with their texts.</summary>
/// <param name="routes">Where the paths begin.</param>
/// <param name="dialect">The service.</param>
/// <param name="texts">The texts of its routes.</param>
internal sealed class CompatPaths(IEndpointRouteBuilder routes, ServiceDialect dialect, CompatTexts texts)
{
    /// <summary>Maps a path.</summary>
    /// <param name="name">The route's name.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="configure">Adds a transaction or a rate limit.</param>
    /// <param name="status">The HTTP status of success.</param>
    /// <param name="bodyIsOptional">An absent body is read as <c>{}</c>.</param>
    public RouteHandlerBuilder Map(
        string name,
        string method,
        string path,
        Delegate handler,
        Action<RouteHandlerBuilder>? configure = null,
        int status = StatusCodes.Status200OK,
        bool bodyIsOptional = false) => MapAs(name, name, method, path, handler, configure, status, bodyIsOptional);

    /// <summary>
    /// Maps a path with and without <c>.json</c>, for services that document it with and whose clients may leave it out. A parameter at the
    /// end takes both by itself.
    /// </summary>
    /// <inheritdoc cref="Map"/>
    public void MapJson(
        string name,
        string method,
        string path,
        Delegate handler,
        Action<RouteHandlerBuilder>? configure = null,
        int status = StatusCodes.Status200OK)
    {
        Map(name, method, path, handler, configure, status);
        if (path.EndsWith('}')) return;
        MapAs(name + "-json", name, method, path + ".json", handler, configure, status, bodyIsOptional: false).ExcludeFromDescription();
    }

    private RouteHandlerBuilder MapAs(
        string own, string name, string method, string path, Delegate handler, Action<RouteHandlerBuilder>? configure, int status,
        bool bodyIsOptional)
    {
        var route = texts.Describe(routes.MapService(dialect, own, method, path, handler, status, bodyIsOptional), name);
        configure?.Invoke(route);
        return route;
    }
}
