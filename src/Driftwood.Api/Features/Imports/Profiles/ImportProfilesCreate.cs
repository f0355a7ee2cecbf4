using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Profiles;

internal static class ImportProfilesCreate
{
    internal sealed record Request : ImportsConfirm.Settings
    {
        /// <summary>The name for people, at most 200 characters. No other profile of the account has it, whatever its case.</summary>
        public required string Name { get; init; }

        /// <summary>The record type of the rows.</summary>
        public required string ModelType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new ImportsConfirm.SettingsRules());
            RuleFor(r => r.Name).IsName();
            RuleFor(r => r.ModelType).RecordTypeKey();
            RuleFor(r => r.ColumnMapping).NotNull();
        }
    }

    public static async Task<ProfileView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog types, TimeProvider clock, CancellationToken cancellationToken)
    {
        await ProfileRules.LockAsync(db, caller, cancellationToken);
        var name = request.Name.Trim();
        await ProfileRules.RequireFreeAsync(db, caller, name, null, cancellationToken);
        if (await ProfileRules.Of(db, caller).CountAsync(cancellationToken) >= ProfileRules.MaxProfiles)
        {
            throw new ApiException(
                ErrorCodes.TooManyProfiles, $"The account has {ProfileRules.MaxProfiles} profiles, the most it may have.");
        }

        var settings = StoredSettings.Of(request);
        await ProfileRules.CheckAsync(db, types, caller, request.ModelType, settings, cancellationToken);
        var now = clock.GetUtcNow();
        var profile = new ImportProfile
        {
            AccountId = caller.AccountId,
            Id = Guid.CreateVersion7(now),
            Name = name,
            ModelType = request.ModelType,
            Settings = settings.ToJsonString(WireJson.Options),
            Version = 1,
            CreatedAt = now,
            CreatedBy = caller.UserId,
            UpdatedAt = now,
            UpdatedBy = caller.UserId,
        };
        db.ImportProfiles.Add(profile);
        await db.SaveChangesAsync(cancellationToken);
        return ProfileView.Of(profile);
    }
}
