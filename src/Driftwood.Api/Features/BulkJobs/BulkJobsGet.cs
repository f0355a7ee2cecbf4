using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsGet
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static Task<BulkJobView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken) =>
        db.ReadBulkJobAsync(caller, request.Id, clock, cancellationToken);
}
