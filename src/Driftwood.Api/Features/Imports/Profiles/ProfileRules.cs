using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Profiles;

/// <summary>What holds for all profiles of an account.</summary>
internal static class ProfileRules
{
    /// <summary>Profiles of an account.</summary>
    public const int MaxProfiles = 500;

    /// <summary>Makes creates and changes of an account's profiles wait for each other until the transaction ends.</summary>
    public static Task LockAsync(DriftwoodDb db, Caller caller, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock(hashtextextended({"import-profiles " + caller.AccountId}, 0))", cancellationToken);

    /// <summary>The profiles of the caller's account.</summary>
    public static IQueryable<ImportProfile> Of(DriftwoodDb db, Caller caller) =>
        db.ImportProfiles.Where(profile => profile.AccountId == caller.AccountId);

    /// <exception cref="ApiException">404.</exception>
    public static async Task<ImportProfile> FindAsync(DriftwoodDb db, Caller caller, Guid id, CancellationToken cancellationToken) =>
        await Of(db, caller).SingleOrDefaultAsync(profile => profile.Id == id, cancellationToken)
        ?? throw ApiException.NotFound("profile", id);

    /// <exception cref="ApiException">409: another profile has the name.</exception>
    public static async Task RequireFreeAsync(
        DriftwoodDb db, Caller caller, string name, Guid? self, CancellationToken cancellationToken)
    {
        var other = await db.ImportProfiles
            .FromSql($"select * from import_profiles where account_id = {caller.AccountId} and lower(name) = lower({name})")
            .Where(profile => profile.Id != self).Select(profile => (Guid?)profile.Id).FirstOrDefaultAsync(cancellationToken);
        if (other is not null) throw new ApiException(ErrorCodes.AlreadyExists, $"The profile {other} has the name {name} already.");
    }

    /// <summary>Checks settings as far as the schema tells, against the profile's own columns.</summary>
    /// <exception cref="ApiException">422 with every reason at once.</exception>
    public static async Task CheckAsync(
        DriftwoodDb db, RecordTypeCatalog types, Caller caller, string modelType, JsonObject settings, CancellationToken cancellationToken)
    {
        var type = await types.RequireAsync(db, caller, modelType, "model_type", cancellationToken);
        type = await types.WithCompaniesAsync(db.Connection(), caller.AccountId, type, cancellationToken);
        var whole = settings.DeepClone().AsObject();
        whole["id"] = Guid.Empty;
        var request = whole.Deserialize<ImportsConfirm.Request>(WireJson.Options)!;
        ImportsConfirm.RequireSound(request);
        if (request.ColumnMapping is not { } mapping)
            throw ApiException.Validation(StoredSettings.Mapping, "required", "Missing: expected the columns of the files.");
        var faults = mapping.Keys.GroupBy(StoredSettings.KeyOf).Where(same => same.Count() > 1)
            .Select(same => new Fault(
                ColumnPath.Of(StoredSettings.Mapping, same.Last()), "conflict",
                "Another column has the same name but for case: a profile does not tell them apart."))
            .ToList();
        if (faults.Count > 0) throw ApiException.Validation(faults);
        string[] columns = [.. mapping.Keys.Union(StoredSettings.NamedColumns(settings))];
        ColumnMappingRules.Resolve(type, columns, request, suggestion: null, phoneCountry: null);
    }
}
