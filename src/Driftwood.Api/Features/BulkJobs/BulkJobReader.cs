using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>Bulk jobs of the caller's account; another account's answer like ids that never were.</summary>
internal static class BulkJobReader
{
    public static IQueryable<Job> BulkJobs(this DriftwoodDb db, Caller caller) =>
        db.Jobs.Where(job => job.AccountId == caller.AccountId && job.Kind == JobKind.Bulk);

    /// <exception cref="ApiException">404.</exception>
    public static async Task<BulkJobView> ReadBulkJobAsync(
        this DriftwoodDb db, Caller caller, Guid id, TimeProvider clock, CancellationToken cancellationToken)
    {
        var job = await db.ReadBulkJobWithoutIdsAsync(caller, id, clock, cancellationToken);
        // The ids never change, so a query of their own cannot disagree with the counters.
        var named = await db.BulkJobs.AsNoTracking().Where(bulk => bulk.AccountId == caller.AccountId && bulk.Id == id)
            .Select(bulk => new { bulk.EntityIds, bulk.ExternalIds }).SingleAsync(cancellationToken);
        return job with { EntityIds = named.EntityIds, ExternalIds = named.ExternalIds };
    }

    /// <summary>For who has the lists that it was made of.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<BulkJobView> ReadBulkJobWithoutIdsAsync(
        this DriftwoodDb db, Caller caller, Guid id, TimeProvider clock, CancellationToken cancellationToken)
    {
        var job = await db.BulkJobs(caller).AsNoTracking().Where(job => job.Id == id).Select(BulkJobView.FromJob).SingleOrDefaultAsync(cancellationToken)
            ?? throw ApiException.NotFound("bulk job", id);
        return job.ToView(clock.GetUtcNow());
    }

    /// <summary>The job as a query for conditional updates.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<IQueryable<Job>> RequireBulkJobAsync(this DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var job = db.BulkJobs(caller).Where(job => job.Id == id);
        return await job.AnyAsync(cancellationToken) ? job : throw ApiException.NotFound("bulk job", id);
    }
}
