using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>Endpoint metadata: what the platform knows of a route under /api.</summary>
/// <param name="Name">Such as <c>bulk-jobs-create</c>.</param>
/// <param name="Request">The shape of the body.</param>
internal sealed record RpcRoute(string Name, RpcHandler Handler, Shape Request)
{
    public static RpcRoute Of(HttpContext http) => http.GetEndpoint()!.Metadata.GetRequiredMetadata<RpcRoute>();
}

/// <summary>Endpoint metadata: the handler runs in one transaction that the platform commits.</summary>
/// <param name="KeepsAnswer">Whether an Idempotency-Key makes the answer repeatable.</param>
internal sealed record Transactional(bool KeepsAnswer);

/// <summary>Endpoint metadata: the handler commits, and notes the change for the audit list, by itself.</summary>
internal sealed record OwnTransaction;

/// <summary>Endpoint metadata: the route changes nothing, so the audit list does not have its requests.</summary>
internal sealed record ChangesNothing;

/// <summary>Endpoint metadata: what the OpenAPI document shows, JSON text each.</summary>
/// <param name="Result">The <c>result</c> without its envelope; null where the handler writes its own answer.</param>
internal sealed record RouteExample(string Request, string? Result);

/// <summary>Endpoint metadata: what a handler that writes its own answer answers with, such as <c>text/csv</c>.</summary>
/// <param name="Example">Null if the file is no text.</param>
internal sealed record AnswerContent(string ContentType, string? Example);
