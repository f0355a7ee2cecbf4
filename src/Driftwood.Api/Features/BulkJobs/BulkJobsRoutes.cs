using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsRoutes
{
    private static readonly string Id = $$"""{"id": "{{BulkJobView.Example.Id}}"}""";

    private static readonly BulkJobView Processing = BulkJobView.Example with
    {
        Status = JobStatus.Processing,
        ProcessedCount = 0,
        SuccessCount = 0,
        CompletedAt = null,
        RowsPerSecond = null,
    };

    public static void AddBulkJobs(this IServiceCollection services)
    {
        services.AddSingleton<BulkResults>();
        services.AddJobReader<BulkJobReader, BulkJobView>();
        services.AddScoped<BulkSelections>();
        services.AddScoped<BulkJobRules>();
        services.AddScoped<BulkJobCreator>();
    }

    public static void MapBulkJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("").WithTags("Bulk jobs");

        jobs.MapRpc("bulk-jobs-create", BulkJobsCreate.HandleAsync)
            .WithSummary("Delete, update, tag, create or upsert many records at once")
            .WithDescription(
                """
                The records are named by exactly one of `entity_ids`, `external_ids`, `filter` and `query`, or given as `items`. What a
                filter or a query finds is frozen when the job starts: `total_count` is 0 until then and exact afterwards, and records that
                come later are not touched. The job is queued and answered at once, or with `start: false` left pending; poll
                bulk-jobs-get. Ids that do not exist fail by themselves, the others go on; bulk-jobs-results tells what became of each.
                `expected_count` is held against the number of targets now and when the job starts (409 `count_mismatch`); should it
                differ once the targets are frozen, the job fails with an `error_message` that begins with count_mismatch, and nothing
                is done. A unique field can be given a value on one record only, or with items.

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

        jobs.MapRpc("bulk-jobs-count", BulkJobsCount.HandleAsync)
            .WithSummary("How many records a bulk job would be about, and ten of them")
            .WithDescription(
                "Takes the same selection as bulk-jobs-create and writes nothing. count is what expected_count is held against: of lists all "
                + "that they name, found or not, repeated ones once. sample has the newest ten of the records that are found.")
            .WithExample(
                """{"entity_type": "contacts", "filter": {"field": "city", "op": "eq", "value": "Oslo"}}""",
                $$"""{"count": 1, "sample": [{{RecordExamples.Result(RecordTypes.Contacts, "get")}}]}""")
            .Reads();

        jobs.MapRpc("bulk-jobs-get", JobVerbs<BulkJobsGetRequest, BulkJobView>.GetAsync)
            .WithSummary("Watch a bulk job")
            .WithExample(Id, BulkJobView.Example)
            .Reads();

        jobs.MapRpc("bulk-jobs-results", BulkJobsResults.HandleAsync)
            .WithSummary("What became of each target of a bulk job, in the order of the list it was made with")
            .WithDescription(
                "Only targets that are dealt with are listed. While the job runs, that is a growing beginning of the whole list: a page that "
                + "was read never changes, and a later one never has to go back. A page may be short, or empty, where many targets had to be "
                + "passed over: only a next_cursor of null says that there are no more for now. Kept as long as the job.")
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

        jobs.MapRpc("bulk-jobs-start", BulkJobsStart.HandleAsync)
            .WithSummary("Start a bulk job that was made with start: false")
            .WithDescription("A job that is processing already is answered as it is; in any other state than pending it is 409 invalid_state.")
            .WithExample(Id, Processing)
            .InTransaction();

        jobs.MapRpc("bulk-jobs-pause", JobVerbs<BulkJobsPauseRequest, BulkJobView>.PauseAsync)
            .WithSummary("Pause a bulk job after the chunk it is at")
            .WithDescription("What is done stays. The answer may still say processing; poll bulk-jobs-get for paused.")
            .WithExample(Id, Processing with { Status = JobStatus.Paused });

        jobs.MapRpc("bulk-jobs-resume", JobVerbs<BulkJobsResumeRequest, BulkJobView>.ResumeAsync)
            .WithSummary("Go on with a paused or failed bulk job, where it stopped")
            .WithDescription("The targets stay as they were frozen; a job that was stopped before they were finds them now.")
            .WithExample(Id, Processing)
            .InTransaction();

        jobs.MapRpc("bulk-jobs-cancel", JobVerbs<BulkJobsCancelRequest, BulkJobView>.CancelAsync)
            .WithSummary("End a bulk job after the chunk it is at, for good")
            .WithDescription("What is done stays. The answer may still say processing; poll bulk-jobs-get for cancelled.")
            .WithExample(Id, BulkJobView.Example with { Status = JobStatus.Cancelled, ProcessedCount = 0, SuccessCount = 0, RowsPerSecond = null });
    }
}
