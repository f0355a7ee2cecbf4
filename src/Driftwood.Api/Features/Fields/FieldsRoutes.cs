using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;

namespace Driftwood.Api.Features.Fields;

internal static class FieldsRoutes
{
    public static void MapFields(this IEndpointRouteBuilder api)
    {
        var fields = api.MapGroup("").WithTags("Fields");
        MapCreate(fields);
        MapReads(fields);
        MapChanges(fields);
    }

    private static void MapCreate(RouteGroupBuilder fields)
    {
        fields.MapRpc("fields-create", FieldsCreate.HandleAsync)
            .WithSummary("Add a custom field to a record type")
            .WithDescription(
                "Key and kind never change. At most 200 custom fields a record type: 409 too_many_fields; a key that is taken: 409 "
                    + "already_exists. "
                + "A required field can be added while there are records: those stay without a value until they are given one.")
            .WithExample(
                """{"record_type": "contacts", "key": "tier", "kind": "choice", "options": ["Gold", "Silver", "Bronze"]}""",
                    FieldView.Example)
            .AsCreate();
    }

    private static void MapReads(RouteGroupBuilder fields)
    {
        fields.MapRpc("fields-get", FieldsGet.HandleAsync)
            .WithSummary("Read a custom field")
            .WithExample($$"""{"id": "{{FieldView.Example.Id}}"}""", FieldView.Example)
            .Reads();

        fields.MapRpc("fields-list", FieldsList.HandleAsync)
            .WithSummary("The account's custom fields, in the order they were made")
            .WithExample("""{"record_type": "contacts"}""", FieldsList.Example)
            .Reads();
    }

    private static void MapChanges(RouteGroupBuilder fields)
    {
        fields.MapRpc("fields-update", FieldsUpdate.HandleAsync)
            .WithSummary("Change a custom field")
            .WithDescription(
                "What is left out or null stays as it is. Switching unique on reads every record of the type and keeps its writers waiting "
                    + "meanwhile; "
                + "where records share values (compared without case for an email, by digits for a phone number), nothing is changed and "
                    + "409 duplicate_values lists up to 20 of them; "
                + "409 too_long where values have more than 255 characters. Values whose option is taken away stay readable, and cannot be "
                    + "written again.")
            .WithExample(
                $$"""{"id": "{{FieldView.Example.Id}}", "required": true, "options": ["Gold", "Silver", "Bronze", "None"]}""",
                    FieldsUpdate.Example)
            .InTransaction()
            .Searches();

        fields.MapRpc("fields-delete", FieldsDelete.HandleAsync)
            .WithSummary("Delete a custom field and all its values")
            .WithDescription(
                "From this answer on nobody sees the field or its values; they are taken out of the records in the background. "
                + "A field made anew under the same key does not get them back.")
            .WithExample($$"""{"id": "{{FieldView.Example.Id}}"}""", FieldsDelete.Example)
            .InTransaction();
    }
}
