using System.Text.Json;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// How features are mapped: <c>api.MapRpc("bulk-jobs-create", BulkJobsCreate.HandleAsync).WithSummary(…)
/// .WithExample(…).AsCreate()</c>. A route needs the scope <c>write</c> unless it says otherwise. A route that changes something runs in
/// a transaction, which also notes it for the audit list; one that changes nothing says so.
/// </summary>
internal static class RpcMapping
{
    /// <summary>Maps <c>POST /api/{route}</c>; <paramref name="api"/> is the group that <c>MapApi</c> hands out.</summary>
    /// <param name="handler">
    /// Returns the result, which the platform wraps, or an <see cref="IResult"/>, which it leaves alone.
    /// </param>
    /// <param name="link">
    /// A path under /api that does the same by GET, such as <c>imports/{id}/errors.csv</c>. Only for a route that changes nothing.
    /// </param>
    public static RouteHandlerBuilder MapRpc(this IEndpointRouteBuilder api, string route, Delegate handler, string? link = null)
    {
        var handled = new RpcHandler(handler);
        var rpc = new RpcRoute(route, handled, Shape.Of(handled.RequestType ?? typeof(NoRequest)));
        var invoke = (HttpContext http) => handled.InvokeAsync(http, RpcCall.Of(http).Request);
        var mapped = api.MapPost(route, (Delegate)invoke)
            .WithName(route)
            .WithMetadata(rpc, EnvelopeForm.Instance, new RequiredScope(Scopes.Write))
            .AddEndpointFilter<EnvelopeFilter>()
            .AddEndpointFilter<RequestFilter>()
            .AddEndpointFilter<ValidationFilter>()
            .AddEndpointFilter<TransactionFilter>();
        mapped.Finally(RequireEffect);
        if (link is null) return mapped;
        var linked = api.MapGet(link, (Delegate)invoke)
            .WithName($"{route}-link")
            .WithMetadata(new LinkRoute(link, rpc), EnvelopeForm.Instance)
            .AddEndpointFilter<EnvelopeFilter>()
            .AddEndpointFilter<LinkFilter>()
            .AddEndpointFilter<ValidationFilter>();
        linked.Finally(RequireNoEffect);
        return new RouteHandlerBuilder([mapped, linked]);
    }

    /// <summary>The route changes nothing. The token needs <c>read</c>, or one of <paramref name="scopes"/> if they are given.</summary>
    public static RouteHandlerBuilder Reads(this RouteHandlerBuilder route, params string[] scopes) =>
        route.RequireScope(scopes.Length == 0 ? [Scopes.Read] : scopes).WithMetadata(new ChangesNothing());

    /// <summary>Makes any endpoint authenticate and need one of <paramref name="scopes"/>, of which the narrowest is the first.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder route, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RequiredScope(scopes));

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

    /// <summary>The handler commits its own transaction, in which it notes the change with <see cref="AuditTrail"/>.</summary>
    public static RouteHandlerBuilder InItsOwnTransaction(this RouteHandlerBuilder route) => route.WithMetadata(new OwnTransaction());

    /// <exception cref="InvalidOperationException">A route that may change something has no transaction.</exception>
    internal static void RequireEffect(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.Any(each => each is Transactional or OwnTransaction or ChangesNothing)) return;
        throw new InvalidOperationException(
            $"{endpoint.DisplayName}: say AsCreate or InTransaction, so that the audit list has its changes; or Reads if there are none.");
    }

    private static void RequireNoEffect(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<ChangesNothing>().Any()) return;
        throw new InvalidOperationException($"{endpoint.DisplayName}: only a route that Reads can be asked by GET.");
    }

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
