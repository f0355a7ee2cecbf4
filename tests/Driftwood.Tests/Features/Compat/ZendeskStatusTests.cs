using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests how the account's bulk jobs are shown and listed.</summary>
public sealed class ZendeskStatusTests(ZendeskApp app) : IClassFixture<ZendeskApp>
{
    private const string Path = "/api/v2/job_statuses";

    [Theory]
    [InlineData("pending", 0, null, "queued", null)]
    [InlineData("processing", 0, null, "queued", null)]
    [InlineData("processing", 1, null, "working", null)]
    [InlineData("paused", 0, null, "working", null)]
    [InlineData("completed", 2, null, "completed", "Completed at 2018-03-08 10:07:04 +0000")]
    [InlineData("failed", 1, "The type is gone.", "failed", "Failed at 2018-03-08 10:07:04 +0000: The type is gone.")]
    [InlineData("cancelled", 1, null, "killed", "Killed at 2018-03-08 10:07:04 +0000")]
    public async Task Every_state_has_a_word(string native, int processed, string? reason, string status, string? message)
    {
        using var client = await app.CreateClientAsync();
        var id = (await client.PostAsync("bulk-jobs-create", new
        {
            entity_type = "contacts",
            operation = "delete",
            entity_ids = new[] { Guid.CreateVersion7(), Guid.CreateVersion7() },
            start = false,
        })).Result.Id();
        await app.ScalarAsync($"""
            update lanes set processed = {processed}, failed = {processed}, status = 'stopped' where job_id = '{id}';
            update jobs set status = '{native}', error_message = {(reason is null ? "null" : $"'{reason}'")}, started_at = now(),
                control = null, completed_at = {(message is null ? "null" : "'2018-03-08 10:07:04.6+00'")} where id = '{id}'
            """);
        var shown = (await client.ReadAsync($"{Path}/{id}")).GetProperty("job_status");
        Assert.Equal([status, message, "2", $"{processed}"],
            [shown.Text("status"), shown.Text("message"), shown.Text("total"), shown.Text("progress")]);
        Assert.Equal(message is null ? JsonValueKind.Null : JsonValueKind.Array, shown.GetProperty("results").ValueKind);
        // Otherwise the sweeper would go on with the job.
        await app.ScalarAsync($"update jobs set status = 'cancelled', completed_at = now() where id = '{id}'");
    }

    [Fact]
    public async Task A_job_made_natively_is_shown_and_an_import_is_not()
    {
        using var client = await app.CreateClientAsync();
        var ids = new List<Guid>();
        foreach (var name in new[] { "A", "B" }) ids.Add(await client.ContactAsync(new { first_name = name }));
        var tagged = await client.RunJobAsync("tag", ids, new { add = new[] { "x" } });
        var updated = await client.RunJobAsync(new
        {
            entity_type = "contacts",
            operation = "update",
            query = "first_name = 'A'",
            @params = new { fields = new { city = "Oslo" } },
        });
        var items = new[] { new { email = "a@example.com" } };
        var upserted = await client.RunJobAsync(new { entity_type = "contacts", operation = "upsert", items });
        var filter = new { field = "city", op = "eq", value = "Oslo" };
        var deleted = await client.RunJobAsync(new { entity_type = "contacts", operation = "delete", filter });
        string[] types = ["custom_object_records.delete", "custom_object_records.create_or_update_by_email", "custom_object_records.update",
            "custom_object_records.update"];
        var list = (await client.ReadAsync(Path)).GetProperty("job_statuses").EnumerateArray().ToList();
        Assert.Equal(types, list.Select(job => job.Text("job_type")));
        Assert.Equal([deleted.Text("id"), upserted.Text("id"), updated.Text("id"), tagged.Text("id")], list.Select(job => job.Text("id")));
        Assert.Equal(
            [$$"""{"index":0,"id":"{{ids[0]}}","action":"delete","success":true,"status":"Deleted"}"""], list[0].Results());
        Assert.Equal("Created", list[1].GetProperty("results")[0].Text("status"));
        Assert.Equal(["Updated", "Updated"], list[3].GetProperty("results").EnumerateArray().Select(result => result.Text("status")));

        var upload = new { model_type = "contacts", file_name = "a.csv", content_type = "text/csv" };
        var import = (await client.PostAsync("imports-request-upload", upload)).Result.Text("job_id");
        (await client.SendAsync("GET", $"{Path}/{import}")).Expect(404, """{"error":"RecordNotFound","description":"Not found"}""");
        Assert.Empty((await client.ReadAsync($"{Path}/show_many?ids={import}")).GetProperty("job_statuses").EnumerateArray());
    }

    [Fact]
    public async Task A_larger_job_shows_its_first_thousand_results()
    {
        using var client = await app.CreateClientAsync();
        var ids = Enumerable.Range(0, 1_001).Select(_ => Guid.CreateVersion7()).ToList();
        var job = await client.RunJobAsync("delete", ids);
        var shown = (await client.ReadAsync($"{Path}/{job.Id()}")).GetProperty("job_status");
        Assert.Equal(["1001", "1001"], [shown.Text("total"), shown.Text("progress")]);
        Assert.Equal(ids[..1_000].Select(id => $"{id}"), shown.GetProperty("results").EnumerateArray().Select(result => result.Text("id")));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".json")]
    public async Task The_list_is_newest_first_and_its_links_lead_through_it(string suffix)
    {
        using var client = await app.CreateCarsAsync();
        List<string?> made = [];
        for (var n = 0; n < 5; n++) made.Insert(0, (await client.FinishAsync("create", [new { name = $"Car {n}" }])).Text("id"));
        var page = await client.ReadAsync($"{Path}{suffix}?page[size]=2");
        List<string?> seen = [];
        for (var pages = 1; ; pages++)
        {
            seen.AddRange(page.GetProperty("job_statuses").EnumerateArray().Select(job => job.Text("id")));
            var (meta, links) = (page.GetProperty("meta"), page.GetProperty("links"));
            Assert.Equal([pages < 3 ? "true" : "false", null, null],
                [meta.Text("has_more"), meta.Text("before_cursor"), links.Text("prev")]);
            if (pages == 3)
            {
                Assert.Equal([null, null], [meta.Text("after_cursor"), links.Text("next")]);
                break;
            }

            var address = client.BaseAddress!.GetLeftPart(UriPartial.Authority);
            Assert.Equal($"{address}{Path}.json?page[after]={meta.Text("after_cursor")}&page[size]=2", links.Text("next"));
            page = await client.ReadAsync(links.Text("next")!);
        }

        Assert.Equal(made, seen);
        Assert.Equal(5, (await client.ReadAsync(Path)).GetProperty("job_statuses").GetArrayLength());
    }

    [Theory]
    [InlineData("page[size]=0", "page[size]: Found \"0\", expected 1 to 100.")]
    [InlineData("page[size]=101", "page[size]: Found \"101\", expected 1 to 100.")]
    [InlineData("page%5Bsize%5D=many", "page[size]: Found \"many\", expected 1 to 100.")]
    [InlineData("page[before]=x", "page[before]: Expected one of page[size], page[after].")]
    [InlineData("page=2", "page: Expected one of page[size], page[after].")]
    [InlineData("page[after]=x", "page[after]: Not a cursor of this list: expected the after_cursor of an earlier answer, unchanged.")]
    public async Task A_page_that_cannot_be_had_is_refused(string query, string fault)
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal([fault], (await client.SendAsync("GET", $"{Path}?{query}")).Faults());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".json")]
    public async Task Many_are_shown_in_the_order_asked(string suffix)
    {
        using var client = await app.CreateCarsAsync();
        List<string?> made = [];
        for (var n = 0; n < 3; n++) made.Add((await client.FinishAsync("create", [new { name = $"Car {n}" }])).Text("id"));
        string?[] asked = [made[2], $"{Guid.CreateVersion7()}", made[0], "car-1", made[2], made[1]];
        var shown = await client.ReadAsync($"{Path}/show_many{suffix}?ids={string.Join("%2C", asked)}");
        Assert.Equal([made[2], made[0], made[1]], shown.GetProperty("job_statuses").EnumerateArray().Select(job => job.Text("id")));
        Assert.Equal(["ids: Missing: expected ids of jobs."], (await client.SendAsync("GET", $"{Path}/show_many{suffix}")).Faults());
        (await client.SendAsync("GET", $"{Path}/show_many?ids={string.Join(',', Enumerable.Range(0, 101))}")).Expect(
            422, """{"error":"TooManyValues","description":"Found 101 values in ids, expected at most 100."}""");
    }

    [Fact]
    public async Task Nobody_sees_the_jobs_of_another_account()
    {
        using var client = await app.CreateCarsAsync();
        using var other = await app.CreateCarsAsync();
        var job = await client.FinishAsync("create", [new { name = "Tesla" }]);
        foreach (var id in new[] { job.Text("id"), $"{Guid.CreateVersion7()}", "show", "7.json" })
        {
            (await other.SendAsync("GET", $"{Path}/{id}")).Expect(404, """{"error":"RecordNotFound","description":"Not found"}""");
        }

        Assert.Empty((await other.ReadAsync(Path)).GetProperty("job_statuses").EnumerateArray());
        Assert.Empty((await other.ReadAsync($"{Path}/show_many?ids={job.Text("id")}")).GetProperty("job_statuses").EnumerateArray());
        var deleted = await other.FinishAsync("delete", [job.IdAt(0)]);
        Assert.Equal("RecordNotFound", deleted.GetProperty("results")[0].Text("error"));
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync("GET", $"{ZendeskSteps.Records}/{job.IdAt(0)}")).Status);
    }
}
