using Driftwood.Api.Features.Fields;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Adds the unknown values of a file to the options of their fields, where the import says so.</summary>
internal sealed class NewOptions(UploadFiles files, DriftwoodDb db, TimeProvider clock)
{
    /// <summary>Adds the options in the request's transaction. The whole file is read if the import adds any.</summary>
    /// <param name="caller">Needs the scope write, as for fields-update.</param>
    /// <param name="job">The import that the file was uploaded for.</param>
    /// <param name="type">Its record type, as files fill it.</param>
    /// <param name="spec">The settings.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ApiException">403: the token may not change fields. 422: a field would have too many options.</exception>
    public async Task AddAsync(Caller caller, Job job, RecordType type, ImportSpec spec, CancellationToken cancellationToken)
    {
        if (!spec.AddsOptions()) return;
        caller.RequireAny(Scopes.Write);
        var import = job.Import!;
        var key = await db.Uploads.Where(upload => upload.AccountId == job.AccountId && upload.Id == import.UploadId)
            .Select(upload => upload.StorageKey).SingleAsync(cancellationToken)
            ?? throw ApiException.InvalidState("The file of the import is no longer kept.");
        var found = await UnknownOptions.FindAsync(
            type, spec, import.Headers!, FileFormats.Read(import.Format!), token => files.OpenAsync(key, token), cancellationToken);
        // Types are locked in one order, so that two imports do not wait for each other.
        foreach (var fields in found.GroupBy(pair => pair.Key.OfCompany is null ? type.Key : RecordTypes.Companies.Key)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            await db.LockSchemaAsync(caller, fields.Key, cancellationToken);
            foreach (var (field, options) in fields)
                await AddAsync(caller, fields.Key, field, options, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await db.RenewVersionAsync(caller, fields.Key, cancellationToken);
        }
    }

    private async Task AddAsync(
        Caller caller, string recordType, Field field, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var key = field.OfCompany?.Key ?? field.Key;
        var stored = await db.LiveFields(caller)
            .SingleOrDefaultAsync(each => each.RecordType == recordType && each.Key == key, cancellationToken)
            ?? throw ApiException.InvalidState($"The field {field.Key} was deleted meanwhile.");
        // Somebody may have added some of them meanwhile.
        string[] all = [.. stored.Options.Concat(options).DistinctBy(ChoiceOptions.KeyOf)];
        if (all.Length > ChoiceOptions.MaxOptions)
        {
            throw ApiException.Validation(
                "column_mapping", "out_of_range",
                $"With the unknown values of the file, {field.Key} would have more than {ChoiceOptions.MaxOptions} options.");
        }

        stored.Options = all;
        stored.UpdatedAt = clock.GetUtcNow();
        stored.UpdatedBy = caller.UserId;
    }
}
