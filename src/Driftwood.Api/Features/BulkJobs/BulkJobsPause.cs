using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsPause
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var job = await db.RequireBulkJobAsync(caller, request.Id, cancellationToken);
        await JobControl.PauseAsync(job, clock.GetUtcNow(), cancellationToken);
        return await db.ReadBulkJobAsync(caller, request.Id, clock, cancellationToken);
    }
}
