using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Files.Tables;
using Driftwood.Storage;
using Driftwood.Storage.S3;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>The stored files of uploads, and the rows that name them.</summary>
/// <param name="store">Where files are read.</param>
/// <param name="db">The rows.</param>
/// <param name="room">What the account may have stored.</param>
/// <param name="clock">The time of arrival.</param>
/// <param name="bucket">The store again, if callers send their files to it and not to a node.</param>
internal sealed class UploadFiles(
    IUploadStore store, DriftwoodDb db, UploadRoom room, TimeProvider clock, S3UploadStore? bucket = null)
{
    /// <summary>Opens a file at its beginning.</summary>
    /// <exception cref="FileNotFoundException">Another file took its place.</exception>
    public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) => store.OpenReadAsync(key, cancellationToken);

    /// <summary>Stores a file as it arrives.</summary>
    /// <param name="key">A new key.</param>
    /// <param name="body">The file, read once.</param>
    /// <param name="length">Its bytes, if they were announced.</param>
    /// <param name="maxBytes">The most bytes that it may have.</param>
    /// <param name="account">The account, whose room is a limit too.</param>
    /// <param name="upload">The upload whose last file it replaces; null for a new one.</param>
    /// <param name="cancellationToken">Stops it. Nothing is stored then.</param>
    /// <exception cref="ApiException">413: it is too large. 400: it ended early. 507: the storage is full.</exception>
    public async Task<StoredUpload> SaveAsync(
        string key, Stream body, long? length, long maxBytes, Guid account, Guid? upload, CancellationToken cancellationToken)
    {
        var left = await room.LeftAsync(account, upload, cancellationToken);
        if (left == 0) throw room.Full();
        try
        {
            return await store.SaveAsync(key, body, length, Math.Min(maxBytes, left), cancellationToken);
        }
        catch (UploadTooLargeException) when (left < maxBytes)
        {
            throw room.Full();
        }
        catch (UploadTooLargeException tooLarge)
        {
            throw TooLarge(tooLarge.MaxBytes);
        }
        catch (UploadTruncatedException truncated)
        {
            var message = $"The upload ended after {truncated.ReceivedBytes} bytes; nothing was kept. Send it again.";
            throw new ApiException(ErrorCodes.UploadTruncated, message);
        }
        catch (StorageFullException)
        {
            throw new ApiException(ErrorCodes.StorageFull, "There is no room for the file at the moment; nothing was kept.");
        }
    }

    /// <summary>The refusal of a file that has more bytes than it may have.</summary>
    public static ApiException TooLarge(long maxBytes) =>
        new(ErrorCodes.UploadTooLarge, $"The file is larger than the {maxBytes} bytes that an upload may have.");

    /// <summary>The key of the upload's file. A file that arrived in the bucket becomes the upload's, unless that is frozen.</summary>
    /// <returns>Null if no file has arrived.</returns>
    /// <exception cref="ApiException">413: the file is too large. 409: the upload or its file was changed meanwhile.</exception>
    public async Task<string?> FindAsync(Job job, CancellationToken cancellationToken)
    {
        var upload = job.Import!.Upload!;
        if (bucket is null || upload.FrozenAt is not null) return upload.StorageKey;
        var key = UploadKeys.New(job.Id);
        if (await TakeAsync(bucket, job.Id, key, upload.MaxBytes, cancellationToken) is not { } taken) return upload.StorageKey;
        await PointToAsync(job, key, taken, () => Task.CompletedTask);
        // A file that arrives from now on is another one: it is taken if the upload is completed again before it is frozen.
        await bucket.DeleteAsync(UploadKeys.Incoming(job.Id), CancellationToken.None);
        return key;
    }

    /// <summary>Makes a stored file the upload's, in a transaction of its own. The file is removed if it cannot be.</summary>
    /// <param name="job">The import with its upload, as they were read before the file was stored.</param>
    /// <param name="key">The file.</param>
    /// <param name="stored">Its size and hash.</param>
    /// <param name="note">Runs in the transaction.</param>
    /// <exception cref="ApiException">413: the account has no room. 409: the upload is frozen or expired, or has another file.</exception>
    public async Task PointToAsync(Job job, string key, StoredUpload stored, Func<Task> note)
    {
        var upload = job.Import!.Upload!;
        // The file is stored now. It is kept even if the caller has hung up, so nothing is cancelled after this point.
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        await RequireRoomAsync(job, key, stored);
        var now = clock.GetUtcNow();
        var pointed = await db.Uploads
            .Where(u => u.AccountId == upload.AccountId && u.Id == upload.Id && u.FrozenAt == null && u.StorageKey == upload.StorageKey
                && db.Jobs.Any(j => j.AccountId == u.AccountId && j.Import!.UploadId == u.Id && j.Status == JobStatus.Pending))
            .ExecuteUpdateAsync(set => set
                .SetProperty(u => u.StorageKey, key)
                .SetProperty(u => u.ByteLength, stored.Length)
                .SetProperty(u => u.Sha256, stored.Sha256)
                .SetProperty(u => u.StoredAt, now), CancellationToken.None);
        if (pointed == 0)
        {
            await store.DeleteAsync(key, CancellationToken.None);
            throw Frozen();
        }

        await note();
        await transaction.CommitAsync(CancellationToken.None);
        if (upload.StorageKey is { } previous) await store.DeleteAsync(previous, CancellationToken.None);
    }

    /// <summary>Makes a table of the upload's file and stores it, if the file is of a kind that needs it: a workbook or JSON.</summary>
    /// <param name="job">The import with its upload.</param>
    /// <param name="key">The upload's file.</param>
    /// <param name="overrides">What the caller says about it.</param>
    /// <param name="cancellationToken">Stops the reading. Nothing is stored then.</param>
    /// <returns>Null if the file is read as it is.</returns>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    public async Task<StoredTable?> MakeTableAsync(Job job, string key, FileOverrides overrides, CancellationToken cancellationToken)
    {
        var original = job.Import!.Upload!.OriginalKey ?? key;
        var name = job.Import.Upload.FileName;
        if (!await FileTables.MayBeAsync(token => OpenAsync(original, token), name, cancellationToken)) return null;
        var left = await room.LeftAsync(job.AccountId, job.Import.UploadId, cancellationToken);
        ConvertedTable? table = null;
        async Task WriteAsync(Stream output, CancellationToken token) =>
            table = await FileTables.WriteAsync(stop => OpenAsync(original, stop), name, overrides, output, left, token);
        var tableKey = UploadKeys.New(job.Id);
        try
        {
            var stored = await WrittenUpload.SaveAsync(store, tableKey, WriteAsync, cancellationToken);
            if (table is not null) return new StoredTable(tableKey, stored.Length, original, table);
        }
        catch (UploadTooLargeException tooLarge)
        {
            throw new UnreadableFileException("too_large", $"The table of the file would have more than {tooLarge.MaxBytes} bytes as CSV.");
        }
        catch (StorageFullException)
        {
            throw new ApiException(ErrorCodes.StorageFull, "There is no room for the table of the file at the moment.");
        }

        await DropAsync(tableKey);
        return null;
    }

    /// <summary>Makes a stored table what imports of the upload read, in the caller's transaction.</summary>
    /// <exception cref="ApiException">413: the account has no room.</exception>
    public async Task ReadTableAsync(Job job, StoredTable table)
    {
        var upload = job.Import!.Upload!;
        await room.RequireBytesAsync(job.AccountId, upload.Id, (upload.ByteLength ?? 0) + table.Length, CancellationToken.None);
        await db.Uploads.Where(u => u.AccountId == upload.AccountId && u.Id == upload.Id)
            .ExecuteUpdateAsync(set => set
                .SetProperty(u => u.StorageKey, table.Key)
                .SetProperty(u => u.OriginalKey, table.Original)
                .SetProperty(u => u.TableLength, table.Length), CancellationToken.None);
    }

    /// <summary>Removes a file that nothing names.</summary>
    public Task DropAsync(string key) => store.DeleteAsync(key, CancellationToken.None);

    /// <summary>The refusal of a file that comes too late.</summary>
    public static ApiException Frozen() => ApiException.InvalidState(
        "The file can no longer be replaced: its upload was completed, has expired, or another PUT was faster.");

    private static async Task<StoredUpload?> TakeAsync(
        S3UploadStore bucket, Guid jobId, string key, long maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            return await bucket.TakeAsync(jobId, key, maxBytes, cancellationToken);
        }
        catch (UploadTooLargeException tooLarge)
        {
            await bucket.DeleteAsync(UploadKeys.Incoming(jobId), CancellationToken.None);
            throw new ApiException(
                ErrorCodes.UploadTooLarge,
                $"The file is larger than the {tooLarge.MaxBytes} bytes that the URL was signed for; it was removed.");
        }
        catch (FileNotFoundException)
        {
            throw ApiException.InvalidState("Another file arrived while the upload was being completed; complete it again.");
        }
    }

    private async Task RequireRoomAsync(Job job, string key, StoredUpload stored)
    {
        try
        {
            await room.RequireBytesAsync(job.AccountId, job.Import!.UploadId, stored.Length, CancellationToken.None);
        }
        catch (ApiException)
        {
            await store.DeleteAsync(key, CancellationToken.None);
            throw;
        }
    }
}
