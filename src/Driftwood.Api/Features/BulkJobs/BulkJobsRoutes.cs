using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform.Limits;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsRoutes
{
    private static readonly string Id = $$"""{"id": "{{BulkJobView.Example.Id}}"}""";

    /// <summary>Which of these a job needs depends on its operation (<see cref="JobScopes"/>).</summary>
    private static readonly string[] MayChange = [Scopes.Bulk, Scopes.BulkDelete, Scopes.Write];

    private static readonly string[] MayWatch = [Scopes.Read, Scopes.Bulk, Scopes.BulkDelete];

    private static readonly BulkJobView Processing = BulkJobView.Example with
    {
        Status = JobStatus.Processing,
        ProcessedCount = 0,
        SuccessCount = 0,
        CompletedAt = null,
        RowsPerSecond = null,
    };

    private static readonly BulkJobView Undoing = Processing with
    {
        Id = Guid.Parse("01977c24-b10e-7840-8e29-b41d4a716447"),
        Operation = JobOperation.Undo,
        EntityIds = null,
        TotalCount = 0,
        UndoesJobId = BulkJobView.Example.Id,
        KeptCount = 0,
    };

    public static void AddBulkJobs(this IServiceCollection services)
    {
        services.AddSingleton<BulkResults>();
        services.AddSingleton<NamedRecords>();
        services.AddSingleton<ChangedFields>();
        services.AddJobReader<BulkJobReader, BulkJobView>();
        services.AddScoped<BulkSelections>();
        services.AddScoped<BulkJobRules>();
        services.AddScoped<BulkJobCreator>();
        services.AddScoped<JobsUndo>();
    }

    public static void MapBulkJobs(this IEndpointRouteBuilder api)
    {
        var jobs = api.MapGroup("").WithTags("Bulk jobs");
        MapCreate(jobs);
        MapCount(jobs);
        MapReads(jobs);
        MapUndo(jobs);
        MapVerbs(jobs);
    }

    private static void MapCreate(RouteGroupBuilder jobs)
    {
        jobs.MapRpc("bulk-jobs-create", BulkJobsCreate.HandleAsync)
            .WithSummary("Delete, update, tag, create or upsert many records at once")
            .WithDescription(
                """
                The records are named by exactly one of `entity_ids`, `external_ids`, `filter` and `query`, or given as `items`. The
                records that a filter or a query finds are resolved when the job starts: `total_count` is 0 until then and exact
                afterwards, and records that come later are not changed. The job is queued and answered at once, or left pending with
                `start: false`; poll bulk-jobs-get. An id that does not exist fails alone and the others go on; bulk-jobs-results
                lists the outcome of each. `expected_count` is compared with the number of targets now and when the job starts (409
                `count_mismatch`). If the number differs once the targets are resolved, the job fails with an `error_message` that
                begins with count_mismatch, and nothing is done. A unique field can be given a value on one record only, or with
                items.

                A job does not start on many records by mistake. `expected_count` must be given to delete more than 1,000 records
                (`Driftwood:Jobs:ConfirmAbove`) that a filter or a query finds, and for every operation on a query without a
                condition, which means all records of the type. Without it the answer is 422 with the detail `required` on
                `expected_count`, which says how many records there are; bulk-jobs-count shows some of them. A job with
                `start: false` needs it only when it is started.

                With `items` each record has its own values. Items are applied one after the other, each after all effects of those
                before it. `update` changes the record that an item names by `id`, or else by `external_id`; an item with both means
                the record with the id and sets the external ID. `create` makes a record of each item. `upsert` changes the record
                whose `match_on` field has the item's value, and makes one where there is none or the item has no value in that field;
                matched on `id`, an item with an id that does not exist fails. Without `match_on` it is the type's first match field:
                email for contacts, domain for companies, name for sources and for custom types, or external_id if their names are
                given by number.

                Fields are written as in records-update: a field that is not mentioned stays, null clears, `tags` replaces all tags,
                custom fields stand in `custom` or beside the others. For any kind of field, a text is read like a cell of a file. An
                item that cannot be applied fails as a whole and alone: `unknown_member`, `wrong_type`, `read_only`, `invalid_…`,
                `too_long`, `required`, `not_found`, `ambiguous_match`, `duplicate_value`.
                """)
            .WithExample(
                new { BulkJobView.Example.EntityType, BulkJobView.Example.Operation, BulkJobView.Example.EntityIds },
                BulkJobView.Example)
            .RequireScope(MayChange)
            .AsCreate()
            .Searches();
    }

    private static void MapCount(RouteGroupBuilder jobs)
    {
        jobs.MapRpc("bulk-jobs-count", BulkJobsCount.HandleAsync)
            .WithSummary("How many records a bulk job would be about, and ten of them")
            .WithDescription(
                "Takes the same selection as bulk-jobs-create and writes nothing. count is what expected_count is compared with: for a "
                + "list, all records that it names, found or not, repeated ones once. sample has the newest ten of the records found.")
            .WithExample(
                """{"entity_type": "contacts", "filter": {"field": "city", "op": "eq", "value": "Oslo"}}""",
                $$"""{"count": 1, "sample": [{{RecordExamples.Result(RecordTypes.Contacts, "get")}}]}""")
            .Reads()
            .Searches();
    }

    private static void MapReads(RouteGroupBuilder jobs)
    {
        jobs.MapRpc("bulk-jobs-get", JobVerbs<BulkJobsGetRequest, BulkJobView>.GetAsync, "bulk-jobs/{id}")
            .WithSummary("Watch a bulk job")
            .WithExample(Id, BulkJobView.Example)
            .Reads(MayWatch);

        jobs.MapRpc("bulk-jobs-results", BulkJobsResults.HandleAsync, "bulk-jobs/{id}/results")
            .WithSummary("The outcome of each target of a bulk job, in the order of the list it was created with")
            .WithDescription(
                "Only processed targets are listed. While the job runs, they are a growing beginning of the whole list: a page never "
                + "changes once it was read. A page may be short, or empty, where many targets had to be passed over: only a "
                + "next_cursor of null says that there are no more for now. Kept as long as the job.")
            .WithExample(
                $$"""{"id": "{{BulkJobView.Example.Id}}", "outcome": "failed"}""",
                BulkJobsResults.Example with { Items = [BulkJobsResults.Example.Items[1]] })
            .Reads(MayWatch);

        jobs.MapRpc("bulk-jobs-results-csv", BulkJobsResultsCsv.HandleAsync, "bulk-jobs/{id}/results.csv")
            .WithSummary("The same as a file")
            .WithDescription(
                "UTF-8 with a byte order mark. A cell that begins with =, +, -, @, a tab or a line break has an apostrophe before it, so "
                + "that no spreadsheet runs it.")
            .WithFileExample($$"""{"id": "{{BulkJobView.Example.Id}}"}""", "text/csv", BulkJobsResultsCsv.Example)
            .Reads(MayWatch);

        jobs.MapRpc("bulk-jobs-list", BulkJobsList.HandleAsync)
            .WithSummary("The account's bulk jobs, newest first, without their ids")
            .WithDescription(
                "params, filter and query are left out where they are longer than 2,000 characters: omitted then names them, and "
                + "bulk-jobs-get has them.")
            .WithExample("""{"status": "completed", "limit": 20}""", BulkJobsList.Example)
            .Reads(MayWatch);
    }

    private static void MapUndo(RouteGroupBuilder jobs)
    {
        jobs.MapRpc("jobs-undo", JobsUndo.HandleAsync)
            .WithSummary("Take an import or a bulk job back")
            .WithDescription(
                """
                Creates a bulk job with the operation `undo`, which bulk-jobs-get, -results, -pause, -resume and -cancel know like any
                other. It takes back each change that the job made, the last one first: records that the job created are removed, fields
                that it changed get their old values, and records that it deleted come back under their ids, with tags, links and unique
                values. Companies that an import created are removed unless contacts point to them.

                Each field is judged by itself. A field that somebody has changed since stays as it is; the record's outcome is then
                `kept`, and the message names such fields. What cannot be done has the outcome `failed`: `duplicate_value` where another
                record has a unique value by now, `not_found` where the record, or the one that it pointed to, is gone.

                With `dry_run` the job only reports what an undo would do now. It has the same results and counters, and changes nothing. It
                does not count as an undo of the job, and cannot be undone itself.

                A job can be undone while later jobs exist, and an undo can be undone. 409 `invalid_state` while the job has not ended;
                409 `not_undoable` for dry runs, for jobs with `keep_changes: false`, for jobs older than the change log (30 days,
                `Driftwood:Changes:Days`), and where an undo of the job exists that was not undone itself.
                """)
            .WithExample(Id, Undoing)
            .RequireScope(Scopes.BulkDelete, Scopes.Write)
            .AsCreate();
    }

    private static void MapVerbs(RouteGroupBuilder jobs)
    {
        jobs.MapRpc("bulk-jobs-start", BulkJobsStart.HandleAsync)
            .WithSummary("Start a bulk job that was created with start: false")
            .WithDescription(
                """
                A job that is processing already is answered as it is; in any other state but pending: 409 `invalid_state`.
                `expected_count`, or else the one that the job was created with, is compared with the number of targets (409
                `count_mismatch`). It must be given, here or there, where bulk-jobs-create requires it to start a job.
                """)
            .WithExample(Id, Processing)
            .RequireScope(MayChange)
            .InTransaction()
            .Searches();

        jobs.MapRpc("bulk-jobs-pause", JobVerbs<BulkJobsPauseRequest, BulkJobView>.PauseAsync)
            .WithSummary("Pause a bulk job after the chunk it is at")
            .WithDescription("What is done stays. The answer may still say processing; poll bulk-jobs-get for paused.")
            .WithExample(Id, Processing with { Status = JobStatus.Paused })
            .RequireScope(MayChange)
            .InTransaction();

        jobs.MapRpc("bulk-jobs-resume", JobVerbs<BulkJobsResumeRequest, BulkJobView>.ResumeAsync)
            .WithSummary("Resume a paused or failed bulk job where it stopped")
            .WithDescription("Resolved targets stay; a job that was stopped before its targets were resolved resolves them now.")
            .WithExample(Id, Processing)
            .RequireScope(MayChange)
            .InTransaction();

        jobs.MapRpc("bulk-jobs-cancel", JobVerbs<BulkJobsCancelRequest, BulkJobView>.CancelAsync)
            .WithSummary("End a bulk job after the chunk it is at, for good")
            .WithDescription("What is done stays. The answer may still say processing; poll bulk-jobs-get for cancelled.")
            .WithExample(Id, Processing with { Status = JobStatus.Cancelled, CompletedAt = BulkJobView.Example.CompletedAt })
            .RequireScope(MayChange)
            .InTransaction();
    }
}
