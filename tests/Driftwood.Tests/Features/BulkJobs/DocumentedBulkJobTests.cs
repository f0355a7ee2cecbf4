using System.Net.Http.Headers;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Every request of the customer's document on bulk operations, as it is printed.</summary>
public sealed class DocumentedBulkJobTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    private static readonly string[] Documented =
    [
        "id", "account_id", "created_by", "entity_type", "operation", "entity_ids", "params", "status",
        "total_count", "processed_count", "failed_count", "error_message", "created_at", "updated_at",
    ];

    [Fact]
    public async Task The_documents_delete_is_answered_as_printed()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var created = await CurlAsync(client, "bulk-jobs-create",
            """{ "entity_type": "contacts", "operation": "delete", "entity_ids": [ "550e8400-e29b-41d4-a716-446655440000", """
            + """ "550e8400-e29b-41d4-a716-446655440001", "550e8400-e29b-41d4-a716-446655440002" ] }""");
        Assert.Equal(["ok", "result"], created.Body.EnumerateObject().Select(member => member.Name));
        CheckShape(created.Result, account);
        Assert.Equal(
            """["550e8400-e29b-41d4-a716-446655440000","550e8400-e29b-41d4-a716-446655440001","550e8400-e29b-41d4-a716-446655440002"]""",
                created.Result.Text("entity_ids"));

        var finished = await client.FinishJobAsync(created.Result.Id());
        CheckShape(finished, account);
        // The document's ids are made up, so the job reports all three as missing. The job itself is completed.
        Assert.Equal("completed 3/3, 3 failed", finished.JobOutcome());
    }

    [Fact]
    public async Task Three_contacts_deleted_give_the_documents_numbers()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        List<Guid> ids = [];
        for (var n = 0; n < 3; n++) ids.Add(await client.ContactAsync(new { first_name = $"Gone {n}" }));
        var kept = await client.ContactAsync(new { first_name = "Kept" });

        var created = (await client.CreateJobAsync("delete", ids)).Result;
        Assert.Contains(created.Text("status"), new[] { "pending", "processing" });
        _ = await client.FinishJobAsync(created.Id());
        var got = (await CurlAsync(client, "bulk-jobs-get", $$"""{ "id": "{{created.Id()}}" }""")).Result;

        Assert.Equal("completed 3/3, 0 failed", got.JobOutcome());
        Assert.Equal(("contacts", "delete", "{}"), (got.Text("entity_type"), got.Text("operation"), got.Text("params")));
        Assert.Equal(kept, Assert.Single(await client.RecordsAsync()).Id());
    }

    [Fact]
    public async Task Lists_leave_the_ids_out_and_come_newest_first_by_filter_and_page()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var id = await client.ContactAsync(new { first_name = "Ann" });
        var first = (await client.RunJobAsync("tag", [id], new { add = new[] { "a" } })).Id();
        var second = (await client.RunJobAsync("update", [id], new { fields = new { city = "Oslo" } })).Id();
        var company = (await client.PostAsync("companies-create", new { name = "Acme" })).Result.Id();
        var third = (await client.RunJobAsync("delete", [company], type: "companies")).Id();

        var all = await client.AllAsync("bulk-jobs-list", new { limit = 2 });
        Assert.Equal([third, second, first], all.Select(job => job.Id()));
        Assert.All(
            all, job =>
            Assert.Equal(Documented.Where(name => name != "entity_ids"), job.EnumerateObject().Select(member => member.Name).Take(13)));
        Assert.Equal([second], await IdsAsync(client, new { operation = "update" }));
        Assert.Equal([third], await IdsAsync(client, new { entity_type = "companies" }));
        Assert.Equal([third, second, first], await IdsAsync(client, new { status = "completed" }));
        Assert.Empty(await IdsAsync(client, new { status = "failed" }));
        var refused = await client.PostAsync("bulk-jobs-list", new { status = "uploaded", operation = "drop", entity_type = "people" });
        Assert.Equal(["entity_type: invalid_choice", "operation: invalid_choice", "status: invalid_choice"], refused.Details.Order());
    }

    [Fact]
    public async Task Lists_leave_out_what_is_long_and_say_so()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.ContactAsync(new { first_name = "Ann" });
        // Text of one letter takes few bytes in the database, other text takes many.
        string[] notes = [new('x', 9_000), string.Concat(Enumerable.Range(0, 2_000).Select(n => $"{n * 7919 % 10_007} "))];
        foreach (var note in notes) await client.RunJobAsync("update", [id], new { fields = new { description = note } });
        var values = Enumerable.Range(0, 400).Select(n => $"City {n}").ToArray();
        var filtered = await client.RunJobAsync(
            new
            {
                entity_type = "contacts",
                operation = "tag",
                filter = new { field = "city", op = "in", value = values },
                @params = new { add = new[] { "a" } },
            });
        var queried = await client.RunJobAsync(
            new
            {
                entity_type = "contacts",
                operation = "tag",
                query = $"city IN ({string.Join(", ", values.Select(city => $"'{city}'"))})",
                @params = new { add = new[] { "a" } },
            });
        var small = await client.RunJobAsync(
            new
            {
                entity_type = "contacts",
                operation = "tag",
                query = "city = 'Oslo'",
                @params = new { add = new[] { new string('y', 100) } },
            });

        var page = await client.PostAsync("bulk-jobs-list", new { });
        Assert.True(page.Text.Length < 5_000, page.Text);
        Assert.Equal(
            [
                (null, null), ("""["query"]""", "query"), ("""["filter"]""", "filter"), ("""["params"]""", "params"),
                ("""["params"]""", "params"),
            ],
            page.Result.GetProperty("items").EnumerateArray().Select(job => job.TryGetProperty("omitted", out var omitted)
                ? (omitted.GetRawText(), new[] { "params", "filter", "query" }.Single(name => IsOmitted(job, name)))
                : (null, default(string))));
        var listed = page.Result.GetProperty("items")[0];
        Assert.Equal((small.Text("params"), "city = 'Oslo'"), (listed.Text("params"), listed.Text("query")));

        Assert.Equal(400, filtered.GetProperty("filter").GetProperty("value").GetArrayLength());
        Assert.Contains("'City 399'", queried.Text("query"), StringComparison.Ordinal);
        var whole = (await client.PostAsync("bulk-jobs-get", new { id = page.Result.GetProperty("items")[4].Id() })).Result;
        Assert.Equal(notes[0], whole.GetProperty("params").GetProperty("fields").Text("description"));
        Assert.False(whole.TryGetProperty("omitted", out _));
    }

    // A job has params, and a filter or a query or neither.
    private static bool IsOmitted(JsonElement job, string member) =>
        !job.TryGetProperty(member, out _)
        && job.GetProperty("omitted").EnumerateArray().Any(omitted => omitted.ValueEquals(member));

    private static async Task<Guid[]> IdsAsync(HttpClient client, object filter) =>
        [.. (await client.AllAsync("bulk-jobs-list", filter)).Select(job => job.Id())];

    private static void CheckShape(JsonElement job, TestAccount account)
    {
        Assert.Equal(Documented, job.EnumerateObject().Select(member => member.Name).Take(Documented.Length));
        Assert.Equal(
            (account.AccountId, account.UserId), (job.GetProperty("account_id").GetGuid(), job.GetProperty("created_by").GetGuid()));
        Assert.Null(job.Text("error_message"));
        Assert.Equal("Ingrid", job.Text("created_by_name"));
        Assert.All(["created_at", "updated_at"], time => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$", job.Text(time)));
    }

    /// <summary>Sends a request as curl does with <c>-X POST -H "Content-Type: application/json" -d …</c>.</summary>
    private static async Task<Answer> CurlAsync(HttpClient client, string route, string data)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/{route}") { Content = new StringContent(data) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await client.AskAsync(request);
    }
}
