using Driftwood.Api.Platform;
using Driftwood.Engine.Bulk;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsRoutes
{
    public static void AddBulkJobs(this IServiceCollection services) => services.AddSingleton<BulkResults>();

    public static void MapBulkJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("").WithTags("Bulk jobs");

        jobs.MapRpc("bulk-jobs-create", BulkJobsCreate.HandleAsync)
            .WithSummary("Delete, update, tag, create or upsert many records at once")
            .WithDescription(
                """
                The job is queued and answered at once; poll bulk-jobs-get. Ids that do not exist fail by themselves, the others go on;
                bulk-jobs-results tells what became of each.

                With `items` each record has its own values, and the job means that they are applied one after the other, a later one
                after all that an earlier one did. `update` changes the record that an item names by `id`, or else by
                `external_id`; an item with both is about the record with the id and sets the external ID. `create` makes a record of each item. `upsert` changes
                the record whose `match_on` field has the item's value, and makes one where there is none or the item has no value in
                it; matched on `id`, an item with an id that does not exist fails. Without `match_on` it is the type's first
                match field: email for contacts, domain for companies, name for sources and for custom types, unless their names
                are given by number, then external_id.

                Fields are written as in records-update: what is not mentioned stays, null clears, `tags` replaces all tags, custom fields stand
                in `custom` or beside the others. A text is read as a cell of a file is, for any kind of field. An item that cannot be
                applied fails as a whole and alone: `unknown_member`, `wrong_type`, `read_only`, `invalid_…`, `too_long`, `required`,
                `not_found`, `ambiguous_match`, `duplicate_value`.
                """)
            .WithExample(
                """
                {"entity_type": "contacts", "operation": "delete", "entity_ids": ["550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440001", "550e8400-e29b-41d4-a716-446655440002"]}
                """,
                BulkJobView.Example)
            .AsCreate();

        jobs.MapRpc("bulk-jobs-get", BulkJobsGet.HandleAsync)
            .WithSummary("Watch a bulk job")
            .WithExample($$"""{"id": "{{BulkJobView.Example.Id}}"}""", BulkJobView.Example)
            .Reads();

        jobs.MapRpc("bulk-jobs-results", BulkJobsResults.HandleAsync)
            .WithSummary("What became of each target of a bulk job, in the order of the list it was made with")
            .WithDescription(
                "Only targets that are dealt with are listed. While the job runs, that is a growing beginning of the whole list: a page that "
                + "was read never changes, and a later one never has to go back. Kept as long as the job.")
            .WithExample($$"""{"id": "{{BulkJobView.Example.Id}}", "outcome": "failed"}""", BulkJobsResults.Example with { Items = [BulkJobsResults.Example.Items[1]] })
            .Reads();

        jobs.MapRpc("bulk-jobs-results-csv", BulkJobsResultsCsv.HandleAsync)
            .WithSummary("The same as a file")
            .WithDescription("UTF-8 with a byte order mark; a cell that begins with =, +, -, @, a tab or a line break has an apostrophe before it, so that no spreadsheet runs it.")
            .WithFileExample($$"""{"id": "{{BulkJobView.Example.Id}}"}""", "text/csv", BulkJobsResultsCsv.Example)
            .Reads();

        jobs.MapRpc("bulk-jobs-list", BulkJobsList.HandleAsync)
            .WithSummary("The account's bulk jobs, newest first, without their ids")
            .WithExample("""{"status": "completed", "limit": 20}""", BulkJobsList.Example)
            .Reads();
    }
}
