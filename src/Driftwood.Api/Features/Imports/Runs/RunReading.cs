using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports.Runs;

/// <summary>Reads the file of a new import.</summary>
internal sealed class RunReading(
    DriftwoodDb db, ImportReader imports, UploadCompletion completion, JobControl control, IOptions<DriftwoodOptions> options)
{
    /// <summary>Reads and freezes the file.</summary>
    /// <exception cref="ApiException">422: it cannot be read. The import is cancelled.</exception>
    public async Task<CompletedUpload> CompleteAsync(HttpContext http, Guid import, RunForm.Read form, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(http);
        var job = await imports.FindAsync(caller, import, cancellationToken);
        try
        {
            return await completion.CompleteAsync(
                job, http, form.Request.ToOverrides(), options.Value.Jobs.MaxImportRows, cancellationToken);
        }
        catch (ApiException)
        {
            await CancelAsync(caller, import);
            throw;
        }
    }

    /// <summary>Gives up an import that has not been confirmed.</summary>
    public async Task CancelAsync(Caller caller, Guid import)
    {
        await using var transaction = await db.BeginAsync(CancellationToken.None);
        await control.CancelAsync(await imports.RequireAsync(caller, import, CancellationToken.None), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }
}
