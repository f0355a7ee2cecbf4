using System.Text.Json;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// How features are mapped: <c>api.MapRpc("bulk-jobs-create", BulkJobsCreate.HandleAsync).WithSummary(…)
/// .WithExample(…).AsCreate()</c>. A route needs the scope <c>write</c> unless it says otherwise.
/// </summary>
internal static class RpcMapping
{
    /// <summary>Maps <c>POST /api/{route}</c>; <paramref name="api"/> is the group that <c>MapApi</c> hands out.</summary>
    /// <param name="handler">
    /// Returns the result, which the platform wraps, or an <see cref="IResult"/>, which it leaves alone.
    /// </param>
    public static RouteHandlerBuilder MapRpc(this IEndpointRouteBuilder api, string route, Delegate handler)
    {
        var rpc = new RpcHandler(handler);
        var invoke = (HttpContext http) => rpc.InvokeAsync(http, RpcCall.Of(http).Request);
        return api.MapPost(route, (Delegate)invoke)
            .WithName(route)
            .WithMetadata(
                new RpcRoute(route, rpc, Shape.Of(rpc.RequestType ?? typeof(NoRequest))),
                EnvelopeForm.Instance,
                new RequiredScope(Scopes.Write))
            .AddEndpointFilter<EnvelopeFilter>()
            .AddEndpointFilter<RequestFilter>()
            .AddEndpointFilter<ValidationFilter>()
            .AddEndpointFilter<TransactionFilter>();
    }

    /// <summary>The token needs <c>read</c>: the route changes nothing.</summary>
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder route) => route.RequireScope(Scopes.Read);

    /// <summary>Makes any endpoint authenticate and need <paramref name="scope"/>.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder route, string scope)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RequiredScope(scope));

    /// <summary>
    /// A create: the handler runs in one transaction of the scoped DriftwoodDb, committed by the platform, and an
    /// <c>Idempotency-Key</c> is honoured.
    /// </summary>
    public static RouteHandlerBuilder AsCreate(this RouteHandlerBuilder route)
    {
        route.Add(endpoint =>
        {
            if (endpoint.Metadata.OfType<RpcRoute>().Single().Handler.WritesItsAnswer)
                throw new InvalidOperationException($"{endpoint.DisplayName}: an answer can only be kept if the platform writes it.");
        });
        return route.WithMetadata(new Transactional(KeepsAnswer: true));
    }

    /// <summary>One transaction, committed by the platform; an <c>Idempotency-Key</c> is ignored.</summary>
    public static RouteHandlerBuilder InTransaction(this RouteHandlerBuilder route) =>
        route.WithMetadata(new Transactional(KeepsAnswer: false));

    /// <summary>The example of the OpenAPI document; every route has one.</summary>
    /// <param name="request">An object to be serialised, or a string that is JSON already.</param>
    /// <param name="result">The same; what stands in <c>result</c>.</param>
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder route, object request, object? result) =>
        route.WithMetadata(new RouteExample(Json(request), Json(result)));

    /// <summary>The example of a route whose handler writes its own answer, such as a CSV.</summary>
    public static RouteHandlerBuilder WithFileExample(
        this RouteHandlerBuilder route, object request, string contentType, string answer) =>
        route.WithMetadata(new RouteExample(Json(request), null), new AnswerContent(contentType, answer));

    private static string Json(object? value) =>
        value as string ?? JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object), WireJson.Options);
}
