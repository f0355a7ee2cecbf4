using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Fulcrum's batches as its clients make, start and watch them.</summary>
public sealed class FulcrumBatchTests(FulcrumApp app) : IClassFixture<FulcrumApp>
{
    // The two requests that Fulcrum's document prints.
    private const string PrintedQuery = """
        {
            "batch": {
                "start": true,
                "operations": [
                    {
                        "action": "delete",
                        "resource": "record",
                        "form_id": "81413088-71b9-11ee-b962-0242ac120002",
                        "query": "SELECT _record_id AS id FROM \"Testing App\" WHERE _status='delete_this'"
                    }
                ]
            }
        }
        """;

    private const string PrintedIds = """
        {
            "batch": {
                "start": true,
                "operations": [
                    {
                        "action": "delete",
                        "resource": "record",
                        "form_id": "81413088-71b9-11ee-b962-0242ac120002",
                        "ids": ["8a70dd2a-71b9-11ee-b962-0242ac120002", "8fd6cd9c-71b9-11ee-b962-0242ac120002"]
                    }
                ]
            }
        }
        """;

    [Fact]
    public async Task The_printed_requests_work_as_printed()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        foreach (var status in new[] { "delete_this", "keep", "delete_this" })
            await native.TestingRecordAsync($"{Guid.NewGuid()}", status);

        var byQuery = (await fulcrum.FulcrumAsync("batch.json", PrintedQuery)).Batch();
        Assert.Equal(
            [
                "status", "objects_total", "objects_success", "id", "created_at", "updated_at", "created_by", "created_by_id", "updated_by",
                "updated_by_id", "started_at", "completed_at",
            ],
            byQuery.EnumerateObject().Select(member => member.Name));
        Assert.Equal("running 0/2", byQuery.BatchOutcome());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", byQuery.Text("created_at"));
        Assert.Equal("success 2/2", await fulcrum.FinishBatchAsync(byQuery));
        Assert.Equal("1", await native.CountAsync("testing_app"));

        var byIds = (await fulcrum.FulcrumAsync("batch", PrintedIds)).Batch();
        Assert.Equal("success 0/2", await fulcrum.FinishBatchAsync(byIds));
        var results = await native.ResultsAsync(byIds.Id());
        Assert.Equal(
            ["0 8a70dd2a-71b9-11ee-b962-0242ac120002  not_found", "1 8fd6cd9c-71b9-11ee-b962-0242ac120002  not_found"], results);
    }

    [Fact]
    public async Task Ten_thousand_records_are_deleted_by_one_query()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var items = Enumerable.Range(0, 10_000).Select(n => (object)new { last_name = $"N{n}", city = "Oslo" }).ToArray();
        Assert.Equal("completed 10000/10000, 0 failed", (await native.RunItemsAsync("create", items)).JobOutcome());
        await native.ContactAsync(new { last_name = "Rest", city = "Rome" });

        var operation = new { action = "delete", resource = "record", query = "SELECT _record_id AS id FROM Contacts WHERE city = 'Oslo'" };
        var batch = (await fulcrum.MakeBatchAsync(operation, start: true)).Batch();
        Assert.Equal("running 0/10000", batch.BatchOutcome());
        Assert.Equal("success 10000/10000", await fulcrum.FinishBatchAsync(batch));
        Assert.Equal("1", await native.CountAsync("contacts"));
        var job = (await native.PostAsync("bulk-jobs-get", new { id = batch.Id() })).Result;
        Assert.Equal("completed 10000/10000, 0 failed", job.JobOutcome());
    }

    [Fact]
    public async Task A_query_that_finds_more_records_than_a_batch_may_have_is_refused()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var items = Enumerable.Range(0, 10_000).Select(n => (object)new { last_name = $"N{n}" }).ToArray();
        await native.RunItemsAsync("create", items);
        var operation = new { action = "delete", resource = "record", query = "SELECT id FROM contacts" };
        var waiting = (await fulcrum.MakeBatchAsync(operation, start: false)).Batch();
        await native.ContactAsync(new { last_name = "One more" });

        const string Refusal = "operations[0].query: The query finds 10001 records, at most 10000 may be in a batch.";
        Assert.Equal(Refusal, (await fulcrum.MakeBatchAsync(operation, start: false)).BatchErrors());
        Assert.Equal(Refusal, (await fulcrum.FulcrumAsync($"batch/{waiting.Text("id")}/start.json")).BatchErrors());
        Assert.Equal("pending 0/10001", (await fulcrum.FulcrumGetAsync($"batch/{waiting.Text("id")}")).Batch().BatchOutcome());
    }

    [Fact]
    public async Task A_batch_waits_for_its_start()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var ids = new[] { await native.ContactAsync(new { city = "Oslo", last_name = "A" }), Guid.CreateVersion7() };
        var operation = new { action = "update", resource = "record", form_id = "Contacts", ids, data = new { city = "Bergen" } };
        var batch = (await fulcrum.MakeBatchAsync(operation, start: false)).Batch();
        Assert.Equal("pending 0/2", batch.BatchOutcome());
        Assert.Null(batch.Text("started_at"));

        var started = (await fulcrum.FulcrumAsync($"batch/{batch.Text("id")}/start.json")).Batch();
        Assert.Equal("running 0/2", started.BatchOutcome());
        Assert.Equal("success 1/2", await fulcrum.FinishBatchAsync(batch));
        Assert.Equal("Bergen", (await native.GetAsync(ids[0])).Text("city"));
        var late = await fulcrum.FulcrumAsync($"batch/{batch.Text("id")}/start");
        Assert.Equal("status: The job is completed; only a pending one can be started.", late.BatchErrors());
    }

    [Fact]
    public async Task A_job_that_is_paused_is_answered_as_it_is_whatever_its_query_finds()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        await native.RunItemsAsync("create", [.. Enumerable.Range(0, 10_000).Select(n => (object)new { last_name = $"N{n}" })]);
        await native.ContactAsync(new { last_name = "One more" });
        var request = new { entity_type = "contacts", operation = "delete", query = "SELECT id FROM contacts", start = false };
        var job = (await native.PostAsync("bulk-jobs-create", request)).Result.Id();
        await app.ScalarAsync($"update jobs set status = 'paused', started_at = now() where id = '{job}'");

        Assert.Equal("running 0/10001", (await fulcrum.FulcrumAsync($"batch/{job}/start.json")).Batch().BatchOutcome());
        Assert.Equal("paused", (await native.PostAsync("bulk-jobs-get", new { id = job })).Result.Text("status"));
    }

    [Fact]
    public async Task A_batch_on_all_records_needs_no_number_of_them()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        await native.ContactAsync(new { last_name = "A" });
        await native.ContactAsync(new { last_name = "B" });
        var operation = new { action = "delete", resource = "record", query = "SELECT _record_id AS id FROM contacts" };

        var batch = (await fulcrum.FulcrumAsync(
            "batch.json", new { batch = new { start = true, operations = new[] { operation } } })).Batch();

        Assert.Equal("success 2/2", await fulcrum.FinishBatchAsync(batch));
        Assert.Equal("0", await native.CountAsync("contacts"));
    }

    [Fact]
    public async Task A_batch_may_get_its_operation_later()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var kept = await native.ContactAsync(new { city = "Oslo", last_name = "A" });
        var batch = (await fulcrum.FulcrumAsync("batch.json", """{"batch": {}}""")).Batch();
        Assert.Equal("pending 0/0", batch.BatchOutcome());
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await native.PostAsync("bulk-jobs-get", new { id = batch.Id() })).Status);
        Assert.Equal(
            "status: The batch has no operation yet.", (await fulcrum.FulcrumAsync($"batch/{batch.Text("id")}/start.json")).BatchErrors());

        var operation = new { action = "delete", resource = "record", form_id = "contacts", query = "_city = 'Oslo'" };
        var path = $"batch/{batch.Text("id")}/operations.json";
        Assert.Equal(
            "operations[1]: Only one operation of a batch runs, so a second one is refused.",
            (await fulcrum.FulcrumAsync(path, new { operations = new[] { operation, operation } })).BatchErrors());
        var ready = (await fulcrum.FulcrumAsync(path, new { operations = new[] { operation } })).Batch();
        Assert.Equal(("pending 0/1", batch.Text("created_at")), (ready.BatchOutcome(), ready.Text("created_at")));
        Assert.Equal(
            "status: The batch has its operation already.",
            (await fulcrum.FulcrumAsync(path, new { operations = new[] { operation } })).BatchErrors());
        _ = (await fulcrum.FulcrumAsync($"batch/{batch.Text("id")}/start.json")).Batch();
        Assert.Equal("success 1/1", await fulcrum.FinishBatchAsync(batch));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await native.PostAsync("contacts-get", new { id = kept })).Status);
    }

    [Fact]
    public async Task The_list_has_batches_and_native_jobs_page_by_page()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var first = (await fulcrum.FulcrumAsync("batch.json", """{"batch": {}}""")).Batch().Id();
        var second = (await native.RunJobAsync("delete", [Guid.CreateVersion7()])).Id();
        var third = (await fulcrum.FulcrumAsync("batch.json", """{"batch": {"operations": []}}""")).Batch().Id();

        var page = (await fulcrum.FulcrumGetAsync("batch.json?per_page=2")).Body;
        Assert.Equal([third, second], page.GetProperty("batches").EnumerateArray().Select(batch => batch.Id()));
        Assert.Equal(
            """{"current_page":1,"total_pages":2,"total_count":3,"per_page":2}""",
            JsonSerializer.Serialize(page.EnumerateObject().Skip(1).ToDictionary(member => member.Name, member => member.Value)));
        var rest = (await fulcrum.FulcrumGetAsync("batch?page=2&per_page=2&sort=created_at&sort_direction=desc")).Body;
        Assert.Equal([first], rest.GetProperty("batches").EnumerateArray().Select(batch => batch.Id()));
        var oldest = (await fulcrum.FulcrumGetAsync("batch.json?per_page=5000&sort_direction=asc")).Body;
        Assert.Equal([first, second, third], oldest.GetProperty("batches").EnumerateArray().Select(batch => batch.Id()));
        Assert.Equal(1000, oldest.GetProperty("per_page").GetInt32());
        Assert.Equal(0, (await fulcrum.FulcrumGetAsync("batch.json?page=2147483647")).Body.GetProperty("batches").GetArrayLength());
        var refused = await fulcrum.FulcrumGetAsync("batch.json?page=0");
        Assert.Equal("page: Found \"0\", expected a whole number from 1.", refused.BatchErrors());
    }

    [Fact]
    public async Task A_lost_answer_is_had_again_and_a_key_covers_path_and_query()
    {
        var (_, fulcrum) = await app.CreateClientsAsync();
        var key = ("Idempotency-Key", "import-7");
        var first = await fulcrum.FulcrumAsync("batch.json", PrintedIds, key);
        var again = await fulcrum.FulcrumAsync("batch.json", PrintedIds, key);
        Assert.Equal((first.Text, "true"), (again.Text, again.Header("Idempotent-Replayed")));
        foreach (var path in new[] { "batch", "batch.json?x=1" })
        {
            var other = (await fulcrum.FulcrumAsync(path, PrintedIds, key)).BatchErrors();
            Assert.Equal("base: This Idempotency-Key was used for another request; take a new key for a new request.", other);
        }
    }

    [Fact]
    public async Task Forms_and_records_can_be_read()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var record = await native.TestingRecordAsync("A", "good");
        var forms = (await fulcrum.FulcrumGetAsync("forms.json")).Body;
        Assert.Equal(
            ["companies", "contacts", "sources", "testing_app"],
            forms.GetProperty("forms").EnumerateArray().Select(form => form.Text("id")).Order(StringComparer.Ordinal));
        foreach (var form in new[] { "testing_app", "Testing%20App", FulcrumApp.OldForm })
        {
            var found = (await fulcrum.FulcrumGetAsync($"forms/{form}.json")).Body.GetProperty("form");
            Assert.Equal(("testing_app", 1), (found.Text("id"), found.GetProperty("record_count").GetInt32()));
        }

        var read = (await fulcrum.FulcrumGetAsync($"records/{record.Text("id")}.json")).Body.GetProperty("record");
        Assert.Equal(("testing_app", "good", "Ingrid"), (read.Text("form_id"), read.Text("status"), read.Text("created_by")));
        Assert.Equal("""{"name":"A","status":"good"}""", read.GetProperty("form_values").GetRawText());
    }
}
