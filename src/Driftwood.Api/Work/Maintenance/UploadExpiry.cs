using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Storage;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Work.Maintenance;

/// <summary>Ends imports whose file never came, or was never completed, in time; their objects are removed.</summary>
internal sealed class UploadExpiry(DriftwoodDb db, UploadStore store, TimeProvider clock)
{
    private const int BatchSize = 500;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await db.Jobs.AsNoTracking()
            .Where(job => job.Status == JobStatus.Pending && job.Kind == JobKind.Import && job.Import!.Upload!.ExpiresAt < now)
            .OrderBy(job => job.Id)
            .Take(BatchSize)
            .Select(job => new { job.AccountId, job.Id })
            .ToListAsync(cancellationToken);
        foreach (var job in due)
        {
            var expired = await db.Jobs
                .Where(j => j.AccountId == job.AccountId && j.Id == job.Id && j.Status == JobStatus.Pending)
                .ExecuteUpdateAsync(set => set
                    .SetProperty(j => j.Status, JobStatus.Expired)
                    .SetProperty(j => j.UpdatedAt, now), cancellationToken);
            if (expired == 0) continue;
            // Read only now that no PUT can put another object in its place.
            var key = await db.Imports.Where(i => i.AccountId == job.AccountId && i.Id == job.Id)
                .Select(i => i.Upload!.StorageKey).SingleAsync(cancellationToken);
            if (key is not null) await store.DeleteAsync(key, cancellationToken);
        }
    }
}
