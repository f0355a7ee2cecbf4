using Driftwood.Api.Platform.Rpc;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Types;

internal static class RecordTypesRoutes
{
    public static void AddRecordTypes(this IServiceCollection services) => services.AddSingleton<RecordTypeCatalog>();

    public static void MapRecordTypes(this IEndpointRouteBuilder api)
    {
        var types = api.MapGroup("").WithTags("Record types");

        types.MapRpc("record-types-create", RecordTypesCreate.HandleAsync)
            .WithSummary("Make a record type")
            .WithDescription(
                "Its records have a name, an external_id, tags and the fields that fields-create adds. Key, name_is_autonumber and the "
                    + "pattern never change. "
                + "A key or name that another type has: 409 already_exists; at most 100 types an account: 409 too_many_record_types.")
            .WithExample(
                """{"key": "tickets", "name": "Tickets", "name_is_autonumber": true, "autonumber_pattern": "TICKET-{0000}"}""",
                    RecordTypesCreate.Example)
            .AsCreate();

        types.MapRpc("record-types-get", RecordTypesGet.HandleAsync)
            .WithSummary("Read a record type and all its fields, built in or custom")
            .WithExample("""{"key": "tickets"}""", RecordTypeView.Example)
            .Reads();

        types.MapRpc("record-types-list", RecordTypesList.HandleAsync)
            .WithSummary("The record types: those built in, then the account's own by key")
            .WithExample("""{"limit": 50}""", RecordTypesList.Example)
            .Reads();

        types.MapRpc("record-types-update", RecordTypesUpdate.HandleAsync)
            .WithSummary("Rename a record type, or have its records' names unique or not")
            .WithDescription(
                "What is left out or null stays as it is. Where records share names that are to be unique, nothing is changed and 409 "
                    + "duplicate_values lists up to 20 of them. "
                + "A type that is built in: 409 built_in.")
            .WithExample("""{"key": "tickets", "name": "Support Tickets"}""", RecordTypesUpdate.Example)
            .InTransaction();

        types.MapRpc("record-types-delete", RecordTypesDelete.HandleAsync)
            .WithSummary("Delete a record type without records, and its fields")
            .WithDescription(
                "409 has_records while there are records, has_jobs while imports or bulk jobs of the type are not finished, built_in for a "
                + "type that is built in.")
            .WithExample("""{"key": "tickets"}""", RecordTypesDelete.Example)
            .InTransaction();
    }
}
