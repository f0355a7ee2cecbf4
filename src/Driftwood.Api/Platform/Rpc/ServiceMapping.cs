using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>Endpoint metadata: what the platform knows of a route that serves another service's clients.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path as the service documents it, with parameters in braces.</param>
/// <param name="Handler">The handler. Without a request it takes no body.</param>
/// <param name="Request">The shape of the body.</param>
internal sealed record ServiceRoute(string Method, string Path, RpcHandler Handler, Shape Request)
{
    /// <summary>The service's clients may send no body at all.</summary>
    public bool BodyIsOptional { get; init; }
}

/// <summary>Endpoint metadata: what the OpenAPI document shows of a service's route, JSON text each.</summary>
/// <param name="Request">The body; null where there is none.</param>
internal sealed record ServiceExample(string? Request, string Answer);

/// <summary>Endpoint metadata: a member of the query of a service's route, for the OpenAPI document.</summary>
internal sealed record ServiceQuery(string Name, string Description, string? Example);

/// <summary>
/// How routes for another service's clients are mapped. They pass the same validation, transaction and idempotency as all routes; only
/// headers, paths and JSON have that service's form.
/// </summary>
internal static class ServiceMapping
{
    /// <summary>
    /// Maps a route. It needs the scope <c>read</c> for GET. Every other method makes or starts bulk jobs, and needs a scope for these.
    /// </summary>
    /// <param name="app">Where routes are mapped; the path is absolute.</param>
    /// <param name="dialect">The service.</param>
    /// <param name="name">The route's name in logs and in the OpenAPI document, such as <c>knock-users-list</c>.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path. A parameter at its end may be followed by <c>.json</c>, see <see cref="RawPath"/>.</param>
    /// <param name="handler">Returns the body of the answer as a <see cref="JsonNode"/>.</param>
    /// <param name="status">The HTTP status of success.</param>
    /// <param name="bodyIsOptional">An absent body is read as <c>{}</c>.</param>
    public static RouteHandlerBuilder MapService(
        this IEndpointRouteBuilder app,
        ServiceDialect dialect,
        string name,
        string method,
        string path,
        Delegate handler,
        int status = StatusCodes.Status200OK,
        bool bodyIsOptional = false)
    {
        var rpc = new RpcHandler(handler);
        var route = new ServiceRoute(method, path, rpc, Shape.Of(rpc.RequestType ?? typeof(NoRequest))) { BodyIsOptional = bodyIsOptional };
        var invoke = (HttpContext http) => rpc.InvokeAsync(http, RpcCall.Of(http).Request);
        var mapped = app.MapMethods(path, [method], (Delegate)invoke)
            .WithName(name)
            .WithMetadata(route, dialect, new ServiceForm(status))
            .AddEndpointFilter<ServiceFilter>()
            .AddEndpointFilter<ValidationFilter>()
            .AddEndpointFilter<TransactionFilter>();
        mapped.Finally(RpcMapping.RequireEffect);
        return HttpMethods.IsGet(method) ? mapped.Reads() : mapped.RequireScope(Scopes.Bulk, Scopes.BulkDelete, Scopes.Write);
    }

    /// <summary>
    /// The handler runs in one transaction, and an <c>Idempotency-Key</c> is honoured. The handler uses only the transaction's connection.
    /// </summary>
    public static RouteHandlerBuilder AsServiceCreate(this RouteHandlerBuilder route) =>
        route.WithMetadata(new Transactional(KeepsAnswer: true));

    /// <summary>The example of the OpenAPI document. Tests send it.</summary>
    public static RouteHandlerBuilder WithServiceExample(this RouteHandlerBuilder route, string? request, string answer) =>
        route.WithMetadata(new ServiceExample(request, answer));

    /// <summary>Describes a member of the query.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder route, string name, string description, string? example = null) =>
        route.WithMetadata(new ServiceQuery(name, description, example));

    /// <summary>Outermost: reads the body, and makes an answer of what the handler returned.</summary>
    private sealed class ServiceFilter : IEndpointFilter
    {
        private static readonly byte[] EmptyObject = "{}"u8.ToArray();

        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var http = context.HttpContext;
            var metadata = http.GetEndpoint()!.Metadata;
            var route = metadata.GetRequiredMetadata<ServiceRoute>();
            var hasBody = route.Handler.RequestType is not null;
            var body = hasBody ? await RequestBody.ReadAsync(http) : ReadOnlyMemory<byte>.Empty;
            if (body.IsEmpty && route.BodyIsOptional) body = EmptyObject;
            http.Features.Set(RequestReader.Read(body, route.Request));
            var result = await next(context);
            return result is IResult ? result : new ServiceAnswer(metadata.GetRequiredMetadata<ServiceForm>().Status, (JsonNode)result!);
        }
    }
}
