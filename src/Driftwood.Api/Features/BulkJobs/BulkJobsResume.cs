using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Lanes;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsResume
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var job = await db.RequireBulkJobAsync(caller, request.Id, cancellationToken);
        var lanes = await JobControl.ResumeAsync(db, job, clock.GetUtcNow(), cancellationToken);
        afterCommit.Add(token => queue.WakeAsync(lanes, token));
        return await db.ReadBulkJobAsync(caller, request.Id, clock, cancellationToken);
    }
}
