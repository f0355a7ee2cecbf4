using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>Makes an import of a form whose file is stored.</summary>
internal sealed class RunUpload(
    DriftwoodDb db, UploadRoom room, RunAnswers answers, AuditTrail audit, TimeProvider clock, IOptions<DriftwoodOptions> options)
{
    /// <summary>What became of a form.</summary>
    /// <param name="Import">The new import, whose upload has the file; null if there is none, and the file is not needed.</param>
    /// <param name="Answer">The answer that the same request got before.</param>
    internal sealed record Started(Guid? Import, IResult? Answer);

    /// <exception cref="ApiException">
    /// 422 if the settings that it names do not exist; 413 or 429 if the account has no room. Nothing is made then.
    /// </exception>
    public async Task<Started> StartAsync(HttpContext http, RunForm.Read form, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await answers.FindAsync(http, form, cancellationToken) is { } given) return new Started(null, given);
        var modelType = await ModelTypeAsync(caller, form.Request, cancellationToken);
        await room.RequirePlaceAsync(caller.AccountId, cancellationToken);
        var now = clock.GetUtcNow();
        var job = NewUpload.Of(caller, modelType, form.File.Name, form.File.ContentType, options.Value.Uploads, now);
        var upload = job.Import!.Upload!;
        await room.RequireBytesAsync(caller.AccountId, upload.Id, form.File.Content.Length, cancellationToken);
        (upload.StorageKey, upload.ByteLength) = (form.File.Key, form.File.Content.Length);
        (upload.Sha256, upload.StoredAt) = (form.File.Content.Sha256, now);
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        await audit.NoteAsync(http, job.Id.ToString(), cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        // The statements that follow change these rows without the change tracker.
        db.ChangeTracker.Clear();
        return new Started(job.Id, null);
    }

    /// <exception cref="ApiException">422: what it names does not exist, or is of another type; or no type is known.</exception>
    private async Task<string> ModelTypeAsync(Caller caller, ImportsRun.Request request, CancellationToken cancellationToken)
    {
        var type = request switch
        {
            { ModelType: { } given } => given,
            { ProfileId: { } profile } => await db.ImportProfiles
                .Where(each => each.AccountId == caller.AccountId && each.Id == profile).Select(each => each.ModelType)
                .SingleOrDefaultAsync(cancellationToken),
            { Like: { } like } => await db.Jobs
                .Where(each => each.AccountId == caller.AccountId && each.Id == like).Select(each => each.RecordType)
                .SingleOrDefaultAsync(cancellationToken),
            _ => throw ApiException.Validation(
                "model_type", "required", "Missing: expected the record type of the rows, such as contacts."),
        };
        // Refuses what does not exist, also where the type is not known for that reason.
        _ = await StoredSettings.FindAsync(db, caller, type ?? "", request.ProfileId, request.Like, cancellationToken);
        return type!;
    }
}
