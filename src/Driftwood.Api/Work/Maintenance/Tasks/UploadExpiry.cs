using Driftwood.Api.Platform.Hosting;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>
/// Ends imports whose upload was not completed, or whose completed upload was not confirmed, in time, and removes their files.
/// </summary>
internal sealed class UploadExpiry(
    IServiceScopeFactory scopes, IUploadStore store, TimeProvider clock, IOptions<DriftwoodOptions> options) : IMaintenanceTask
{
    /// <summary>Imports of one run; each takes two statements and perhaps a file.</summary>
    private const int BatchSize = 500;

    public string Name => "upload_expiry";

    /// <summary>A signed URL is refused from its expiry on, whether or not the import has ended already.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DriftwoodDb>();
        var now = clock.GetUtcNow();
        // An import that waits for its confirmation was last changed when its upload was last completed.
        var before = now.AddHours(-options.Value.Uploads.ExpiryHours);
        var due = await db.Jobs.AsNoTracking()
            .Where(job => job.Kind == JobKind.Import
                && ((job.Status == JobStatus.Pending && job.Import!.Upload!.ExpiresAt < now)
                    || (job.Status == JobStatus.Uploaded && job.UpdatedAt < before)))
            .OrderBy(job => job.Id)
            .Take(BatchSize)
            .Select(job => new { job.AccountId, job.Id })
            .ToListAsync(cancellationToken);
        var expired = 0L;
        foreach (var job in due)
        {
            if (await ExpireAsync(db, job.AccountId, job.Id, now, before, cancellationToken)) expired++;
        }

        return expired;
    }

    private async Task<bool> ExpireAsync(
        DriftwoodDb db, Guid account, Guid id, DateTimeOffset now, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // A caller may complete or confirm at this moment. The one who comes second waits for the row and sees what the first did.
        var expired = await db.Jobs
            .Where(job => job.AccountId == account && job.Id == id
                && (job.Status == JobStatus.Pending || (job.Status == JobStatus.Uploaded && job.UpdatedAt < before)))
            .ExecuteUpdateAsync(
                set => set.SetProperty(job => job.Status, JobStatus.Expired).SetProperty(job => job.UpdatedAt, now), cancellationToken);
        if (expired == 0) return false;
        // Read only now: from here on no PUT can put another file in its place.
        var keys = await db.Imports.Where(import => import.AccountId == account && import.Id == id)
            .Select(import => new { import.Upload!.StorageKey, import.Upload.OriginalKey }).SingleAsync(cancellationToken);
        if (keys.StorageKey is { } key) await store.DeleteAsync(key, cancellationToken);
        if (keys.OriginalKey is { } original) await store.DeleteAsync(original, cancellationToken);
        await store.DeleteAsync(UploadKeys.Incoming(id), cancellationToken);
        return true;
    }
}
