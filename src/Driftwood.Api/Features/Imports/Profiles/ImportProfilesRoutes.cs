using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Imports.Profiles;

internal static class ImportProfilesRoutes
{
    private static readonly string Id = $$"""{"id": "{{ProfileView.Example.Id}}"}""";

    private static readonly string[] MayChange = [Scopes.Bulk, Scopes.Write];

    private static readonly string[] MayRead = [Scopes.Read, Scopes.Bulk];

    public static void MapImportProfiles(this IEndpointRouteBuilder api)
    {
        var profiles = api.MapGroup("").WithTags("Imports");
        MapCreate(profiles);
        MapReads(profiles);
        MapChanges(profiles);
    }

    private static void MapCreate(RouteGroupBuilder profiles)
    {
        profiles.MapRpc("import-profiles-create", ImportProfilesCreate.HandleAsync)
            .WithSummary("Keep a mapping and its settings under a name")
            .WithDescription(
                """
                The settings are those of imports-confirm, and `column_mapping` must be there. They are checked against the fields of the
                record type and the profile's own columns. The preview of an upload lists the profiles that fit, and imports-confirm takes
                one by `profile_id`. A name that is taken is 409 `already_exists`. At most 500 profiles: 409 `too_many_profiles`.
                """)
            .WithExample(
                """
                {
                    "name": "Weekly leads",
                    "model_type": "contacts",
                    "column_mapping": {"Name": "first_name", "Email": "email"},
                    "duplicate_strategy": "merge"
                }
                """,
                ProfileView.Example)
            .RequireScope(MayChange)
            .AsCreate();
    }

    private static void MapReads(RouteGroupBuilder profiles)
    {
        profiles.MapRpc("import-profiles-get", ImportProfilesGet.HandleAsync)
            .WithSummary("Read a profile")
            .WithExample(Id, ProfileView.Example)
            .Reads(MayRead);

        profiles.MapRpc("import-profiles-list", ImportProfilesList.HandleAsync)
            .WithSummary("The account's profiles, newest first")
            .WithExample("""{"model_type": "contacts"}""", ImportProfilesList.Example)
            .Reads(MayRead);
    }

    private static void MapChanges(RouteGroupBuilder profiles)
    {
        profiles.MapRpc("import-profiles-update", ImportProfilesUpdate.HandleAsync)
            .WithSummary("Change a profile")
            .WithDescription(
                "What is left out or null stays as it is; column_mapping and constants are replaced as a whole. Each change makes a new "
                + "version. With version, 409 invalid_state if the profile has another one by now. Imports keep the settings with which "
                + "they were confirmed.")
            .WithExample(
                $$"""{"id": "{{ProfileView.Example.Id}}", "version": 1, "duplicate_strategy": "merge"}""", ImportProfilesUpdate.Example)
            .RequireScope(MayChange)
            .InTransaction();

        profiles.MapRpc("import-profiles-delete", ImportProfilesDelete.HandleAsync)
            .WithSummary("Delete a profile")
            .WithDescription("Imports that were confirmed with it stay as they are.")
            .WithExample(Id, ImportProfilesDelete.Example)
            .RequireScope(MayChange)
            .InTransaction();
    }
}
