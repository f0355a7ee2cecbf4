using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Audit;

internal static class AuditRoutes
{
    public static void MapAudit(this IEndpointRouteBuilder api) =>
        api.MapRpc("audit-list", AuditList.HandleAsync)
            .WithTags("Audit")
            .WithSummary("Who changed what, when and from where, newest first")
            .WithDescription(
                "Every request that changed something has an entry, which was written in the same transaction. Requests that were refused, "
                + "repeated with their Idempotency-Key, or that only read have none. Entries never change, hold no values of records, and "
                + "are kept for 400 days (`Driftwood:Audit:RetentionDays`).")
            .WithExample("""{"route": "tokens-create", "limit": 20}""", AuditList.Example)
            .Reads(Scopes.Admin)
            .Searches();
}
