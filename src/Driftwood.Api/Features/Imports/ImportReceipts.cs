using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Imports.Receipts;
using Driftwood.Engine.Records.Types;
using Driftwood.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports;

/// <summary>
/// Receipts of imports that have ended. A receipt is made when somebody first asks for it, and kept beside the upload as long as the job,
/// so that it outlives the change log and the upload.
/// </summary>
internal sealed class ImportReceipts(
    DriftwoodDb db, IUploadStore store, ImportReceipt writer, RecordTypeCatalog types, TimeProvider clock,
    IOptions<DriftwoodOptions> options)
{
    /// <summary>The import's receipt.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="job">The import, with its upload.</param>
    /// <param name="cancellationToken">Stops the making of it.</param>
    /// <exception cref="ApiException">409: it has not ended, it was never confirmed, or its change log is no longer kept.</exception>
    public async Task<Receipt> GetAsync(Caller caller, Job job, CancellationToken cancellationToken)
    {
        if (job.StartedAt is null || job.Status is JobStatus.Processing or JobStatus.Paused)
        {
            var status = WireJson.Word(job.Status);
            throw ApiException.InvalidState(
                $"The import is {status}; only one that has ended has a receipt. imports-results lists its rows until then.");
        }

        var known = await db.Receipts.AsNoTracking().SingleOrDefaultAsync(
            receipt => receipt.AccountId == job.AccountId && receipt.JobId == job.Id, cancellationToken);
        var processed = await db.Lanes.Where(lane => lane.AccountId == job.AccountId && lane.JobId == job.Id)
            .SumAsync(lane => lane.Processed, cancellationToken);
        if (known?.ProcessedCount == processed) return known;
        ImportsResults.RequireLog(job, options.Value.Changes, clock.GetUtcNow());
        var (key, stored) = await MakeAsync(caller, job, cancellationToken);
        return await KeepAsync(job, key, stored, processed, cancellationToken);
    }

    /// <summary>Opens a receipt.</summary>
    public Task<Stream> OpenAsync(Receipt receipt, CancellationToken cancellationToken) =>
        store.OpenReadAsync(receipt.StorageKey, cancellationToken);

    private async Task<(string Key, StoredUpload Stored)> MakeAsync(Caller caller, Job job, CancellationToken cancellationToken)
    {
        var import = job.Import!;
        var type = await types.RequireAsync(caller, job.RecordType, "id", cancellationToken);
        var spec = ImportFamily.SpecOf(job);
        var source = new ReceiptSource(
            job.AccountId, job.Id, type, import.Headers ?? [], FileFormats.Read(import.Format!),
            spec is { DryRun: false, LinkCompanies: not LinkCompanies.None },
            await HasFileAsync(import.Upload!, cancellationToken) ? token => store.OpenReadAsync(import.Upload!.StorageKey!, token) : null);
        var key = $"{job.Id}-receipt-{Guid.NewGuid():n}";
        try
        {
            Task WriteAsync(Stream output, CancellationToken token) => writer.WriteAsync(source, output, token);
            return (key, await WrittenUpload.SaveAsync(store, key, WriteAsync, cancellationToken));
        }
        catch (UploadTooLargeException tooLarge)
        {
            throw ApiException.InvalidState($"The receipt would have more than {tooLarge.MaxBytes} bytes; imports-results lists its rows.");
        }
    }

    // An operator may have removed the file.
    private async Task<bool> HasFileAsync(Upload upload, CancellationToken cancellationToken)
    {
        if (upload.StorageKey is null) return false;
        try
        {
            await using var file = await store.OpenReadAsync(upload.StorageKey, cancellationToken);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    // Two requests may make a receipt at once. The row keeps the last one, and maintenance removes the other file.
    private async Task<Receipt> KeepAsync(Job job, string key, StoredUpload stored, long processed, CancellationToken cancellationToken)
    {
        var kept = await db.Receipts.FromSql(
            $"""
            insert into receipts (account_id, job_id, storage_key, byte_length, sha256, processed_count, created_at)
            values ({job.AccountId}, {job.Id}, {key}, {stored.Length}, {stored.Sha256}, {processed}, {clock.GetUtcNow()})
            on conflict (account_id, job_id) do update set storage_key = excluded.storage_key, byte_length = excluded.byte_length,
                sha256 = excluded.sha256, processed_count = excluded.processed_count, created_at = excluded.created_at
            returning *
            """).AsNoTracking().ToListAsync(cancellationToken);
        return kept[0];
    }
}
