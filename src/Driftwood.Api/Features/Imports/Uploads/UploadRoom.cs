using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>What one account may have stored: uploads that wait for their import, and bytes of files.</summary>
internal sealed class UploadRoom(DriftwoodDb db, IOptions<DriftwoodOptions> options)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    private readonly UploadOptions _limits = options.Value.Uploads;

    /// <summary>For a new upload, in the request's transaction.</summary>
    /// <exception cref="ApiException">429 or 413.</exception>
    public async Task RequirePlaceAsync(Guid account, CancellationToken cancellationToken)
    {
        await LockAsync(account, cancellationToken);
        var waiting = await db.Jobs.CountAsync(
            job => job.AccountId == account && job.Kind == JobKind.Import
                && (job.Status == JobStatus.Pending || job.Status == JobStatus.Uploaded),
            cancellationToken);
        if (waiting >= _limits.MaxPendingPerAccount)
        {
            var message = $"{waiting} uploads wait for their import to be confirmed, at most {_limits.MaxPendingPerAccount} may.";
            throw new ApiException(ErrorCodes.TooManyUploads, message) { RetryAfter = Wait };
        }

        if (await LeftAsync(account, null, cancellationToken) <= 0) throw Full();
    }

    /// <summary>The bytes that a file may have which takes the place of the upload's last one.</summary>
    public async Task<long> LeftAsync(Guid account, Guid? upload, CancellationToken cancellationToken)
    {
        // The files of expired imports are gone, and so are those of imports that were cancelled before they were confirmed.
        var stored = await db.Uploads
            .Where(each => each.AccountId == account && each.Id != upload && db.Imports.Any(
                import => import.AccountId == account && import.UploadId == each.Id && import.Job!.Status != JobStatus.Expired
                    && (import.Job.Status != JobStatus.Cancelled || import.Confirmation != null)))
            .SumAsync(each => (each.ByteLength ?? 0) + (each.TableLength ?? 0), cancellationToken);
        var receipts = await db.Receipts.Where(each => each.AccountId == account).SumAsync(each => each.ByteLength, cancellationToken);
        return Math.Max(0, _limits.MaxBytesPerAccount - stored - receipts);
    }

    /// <summary>For a stored file, in the transaction that makes it the upload's. Others of the account wait for its end.</summary>
    /// <exception cref="ApiException">413: others were stored meanwhile.</exception>
    public async Task RequireBytesAsync(Guid account, Guid upload, long bytes, CancellationToken cancellationToken)
    {
        await LockAsync(account, cancellationToken);
        if (await LeftAsync(account, upload, cancellationToken) < bytes) throw Full();
    }

    /// <summary>The refusal of a file for which the account has no room.</summary>
    public ApiException Full() => new(
        ErrorCodes.AccountStorageFull,
        $"The account's files would have more than {_limits.MaxBytesPerAccount} bytes; nothing was kept of this one.");

    private Task<int> LockAsync(Guid account, CancellationToken cancellationToken)
    {
        var key = "uploads " + account;
        return db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({key}, 0))", cancellationToken);
    }
}
