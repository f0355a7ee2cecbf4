using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Imports.Profiles;

internal static class ImportProfilesUpdate
{
    public static readonly ProfileView Example = ProfileView.Example with { Version = 2 };

    internal sealed record Request : ImportsConfirm.Settings
    {
        public required Guid Id { get; init; }

        /// <summary>The version that was read. 409 if the profile has another one by now. Left out: it does not count.</summary>
        public int? Version { get; init; }

        /// <summary>Another name, at most 200 characters.</summary>
        public string? Name { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.Name).IsName();
    }

    public static async Task<ProfileView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, RecordTypeCatalog types, TimeProvider clock, CancellationToken cancellationToken)
    {
        await ProfileRules.LockAsync(db, caller, cancellationToken);
        var profile = await ProfileRules.FindAsync(db, caller, request.Id, cancellationToken);
        if (request.Version is { } version && version != profile.Version)
        {
            throw ApiException.InvalidState(
                $"The profile has version {profile.Version}, not {version}: somebody changed it. Read it again.");
        }

        if (request.Name?.Trim() is { } name)
        {
            await ProfileRules.RequireFreeAsync(db, caller, name, profile.Id, cancellationToken);
            profile.Name = name;
        }

        var stored = new StoredSettings(StoredSettings.Parse(profile.Settings), profile.Id, profile.Version);
        var settings = stored.With(StoredSettings.Of(request));
        await ProfileRules.CheckAsync(db, types, caller, profile.ModelType, settings, cancellationToken);
        profile.Settings = settings.ToJsonString(WireJson.Options);
        profile.Version++;
        profile.UpdatedAt = clock.GetUtcNow();
        profile.UpdatedBy = caller.UserId;
        await db.SaveChangesAsync(cancellationToken);
        return ProfileView.Of(profile);
    }
}
