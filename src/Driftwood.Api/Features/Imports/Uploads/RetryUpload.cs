using Driftwood.Api.Platform.Errors;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Tables;
using Driftwood.Storage;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Stores the failed rows of an import as the file of another one, in the request's transaction.</summary>
internal sealed class RetryUpload(IUploadStore store, DriftwoodDb db, UploadRoom room, TimeProvider clock)
{
    // Rows have at most 64 KiB each.
    private const int PageRows = 200;

    private const string ContentType = "text/csv";

    /// <param name="Upload">The file. It is frozen.</param>
    /// <param name="Rows">The number of rows.</param>
    /// <param name="CutRows">Numbers of rows that fail again because only their beginning is kept, the first of them.</param>
    internal sealed record Result(Upload Upload, long Rows, IReadOnlyList<long> CutRows);

    /// <summary>Stores the rows. If the caller's transaction does not commit, maintenance removes the file.</summary>
    /// <param name="job">The import whose rows failed, with its upload.</param>
    /// <param name="retry">The id of the import that tries them again.</param>
    /// <param name="fixes">The cells of the rows that were corrected, by row number.</param>
    /// <param name="maxCut">How many cut rows the result names.</param>
    /// <param name="tokenId">The caller's token.</param>
    /// <param name="cancellationToken">Stops the writing. Nothing is stored then.</param>
    /// <exception cref="ApiException">413: the account has no room.</exception>
    public async Task<Result> SaveAsync(
        Job job, Guid retry, IReadOnlyDictionary<long, byte[][]> fixes, int maxCut, Guid? tokenId, CancellationToken cancellationToken)
    {
        var rows = 0L;
        List<long> cut = [];
        async Task WriteAsync(Stream output, CancellationToken token)
        {
            await using var table = new RetriedRowsWriter(output, job.Import!.Headers!.Length);
            for (List<RowError> page = []; (page = await ReadPageAsync(job, page, token)).Count > 0;)
            {
                foreach (var row in page) await WriteRowAsync(table, row, fixes.GetValueOrDefault(row.RowNumber), token);
                cut.AddRange(page.Where(row => IsCut(row) && !fixes.ContainsKey(row.RowNumber)).Select(row => row.RowNumber)
                    .Take(maxCut - cut.Count));
                rows += page.Count;
            }
        }

        var key = UploadKeys.New(retry);
        var stored = await SaveAsync(key, WriteAsync, cancellationToken);
        try
        {
            return new Result(await AddAsync(job, key, stored, tokenId, cancellationToken), rows, cut);
        }
        catch (ApiException)
        {
            await store.DeleteAsync(key, CancellationToken.None);
            throw;
        }
    }

    private static bool IsCut(RowError row) => row.Code == "row_not_kept" || RetriedRowsWriter.IsCut(row.Cells);

    private static ValueTask WriteRowAsync(RetriedRowsWriter table, RowError row, byte[][]? corrected, CancellationToken cancellationToken)
    {
        var cells = corrected ?? (RetriedRowsWriter.CanBeTried(row.Code, row.Cells) ? row.Cells : null);
        return cells is null
            ? table.WriteFailedAsync(row.RowNumber, row.LineNumber, row.Code, row.Message, row.Cells, cancellationToken)
            : table.WriteAsync(row.RowNumber, row.LineNumber, cells, cancellationToken);
    }

    private async Task<StoredUpload> SaveAsync(string key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            return await WrittenUpload.SaveAsync(store, key, write, cancellationToken);
        }
        catch (UploadTooLargeException tooLarge)
        {
            throw ApiException.InvalidState($"The failed rows would have more than {tooLarge.MaxBytes} bytes as one file.");
        }
        catch (StorageFullException)
        {
            throw new ApiException(ErrorCodes.StorageFull, "There is no room for the failed rows at the moment; nothing was kept.");
        }
    }

    private async Task<Upload> AddAsync(Job job, string key, StoredUpload stored, Guid? tokenId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var upload = new Upload
        {
            AccountId = job.AccountId,
            Id = Guid.CreateVersion7(now),
            FileName = job.Import!.Upload!.FileName,
            ContentType = ContentType,
            MaxBytes = Math.Max(1, stored.Length),
            TokenId = tokenId,
            StorageKey = key,
            ByteLength = stored.Length,
            Sha256 = stored.Sha256,
            CreatedAt = now,
            ExpiresAt = now,
            StoredAt = now,
            FrozenAt = now,
        };
        await room.RequireBytesAsync(job.AccountId, upload.Id, stored.Length, cancellationToken);
        db.Uploads.Add(upload);
        return upload;
    }

    private Task<List<RowError>> ReadPageAsync(Job job, List<RowError> before, CancellationToken cancellationToken)
    {
        var after = before.Count > 0 ? before[^1].RowNumber : 0;
        return db.RowErrors.AsNoTracking()
            .Where(error => error.AccountId == job.AccountId && error.JobId == job.Id && error.RowNumber > after)
            .OrderBy(error => error.RowNumber)
            .Take(PageRows)
            .ToListAsync(cancellationToken);
    }
}
