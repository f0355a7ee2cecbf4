using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Bulk jobs with items. Each item states the change of one record.</summary>
public sealed class BulkItemTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Update_changes_what_each_item_mentions_and_nothing_else()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var ann = await client.ContactAsync(
            new { email = "ann@example.com", first_name = "Ann", city = "Bergen", job_title = "CEO", tags = new[] { "old" } });
        var bob = await client.ContactAsync(new { external_id = "B-1", first_name = "Bob", city = "Rome" });
        var missing = Guid.CreateVersion7();

        var job = await client.RunItemsAsync("update",
        [
            new { id = ann, city = " Oslo ", job_title = (string?)null, tags = new[] { "New", " new " } },
            new { external_id = " B-1 ", birthday = "1990-02-28" },
            new { id = missing, city = "Nowhere" },
            new { id = bob, external_id = "B-2" },
            new { external_id = "B-1", city = "Nowhere" },
            new { external_id = "B-2", city = "Paris" },
        ]);

        Assert.Equal("completed 6/6, 2 failed", job.JobOutcome());
        Assert.Equal("{}", job.GetProperty("params").GetRawText());
        Assert.False(job.TryGetProperty("entity_ids", out _));
        Assert.Equal(
            [$"0 {ann}  ", $"1 {bob} B-1 ", $"2 {missing}  not_found", $"3 {bob} B-2 ", "4  B-1 not_found", $"5 {bob} B-2 "],
            await client.ResultsAsync(job.Id()));
        var changed = await client.GetAsync(ann);
        Assert.Equal(
            ("Ann", "Oslo", null, "ann@example.com"),
            (changed.Text("first_name"), changed.Text("city"), changed.Text("job_title"), changed.Text("email")));
        Assert.Equal(["New"], changed.Tags());
        Assert.Equal(account.UserId.ToString(), changed.Text("updated_by"));
        var renamed = await client.GetAsync(bob);
        Assert.Equal(
            ("B-2", "Paris", "1990-02-28", "Bob"),
            (renamed.Text("external_id"), renamed.Text("city"), renamed.Text("birthday"), renamed.Text("first_name")));
    }

    [Fact]
    public async Task Create_makes_a_record_of_each_item_and_tells_its_id()
    {
        using var client = await app.CreateClientAsync();
        var taken = await client.ContactAsync(new { email = "taken@example.com" });
        var company = (await client.PostAsync("companies-create", new { name = "Acme" })).Result.Id();

        var job = await client.RunItemsAsync("create",
        [
            new { email = "a@example.com", company_id = company, tags = new[] { "x" } },
            new { email = "A@Example.com", city = "Oslo" },
            new { email = " TAKEN@example.com" },
            new { city = "Oslo" },
            new { first_name = "Ann", company_id = Guid.CreateVersion7() },
            new { id = taken, first_name = "Ann" },
            new { external_id = "e-7", first_name = "Bob", phone = "+47 22 00 00 00" },
        ]);

        Assert.Equal("completed 7/7, 5 failed", job.JobOutcome());
        var results = await client.ResultsAsync(job.Id());
        Assert.Equal(["1   duplicate_value", "2   duplicate_value", "3   required", "4   not_found", "5   read_only"], results[1..6]);
        var made = await client.GetAsync(Guid.Parse(results[0].Split(' ')[1]));
        Assert.Equal(("a@example.com", company.ToString()), (made.Text("email"), made.Text("company_id")));
        Assert.Equal(["x"], made.Tags());
        Assert.EndsWith(" e-7 ", results[6], StringComparison.Ordinal);
        Assert.Equal("Bob", (await client.GetAsync(Guid.Parse(results[6].Split(' ')[1]))).Text("first_name"));
        Assert.Equal(3, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task Upsert_changes_what_matches_and_makes_the_rest()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", first_name = "Ann", city = "Rome" });

        var job = await client.RunItemsAsync("upsert",
        [
            new { email = "ANN@example.com", city = "Oslo" },
            new { email = "bob@example.com", first_name = "Bob" },
            new { email = "bob@example.com", city = "Paris" },
            new { first_name = "No match" },
        ]);

        Assert.Equal("completed 4/4, 0 failed", job.JobOutcome());
        Assert.Equal(
            """{"match_on": "email"}""", job.GetProperty("params").GetRawText().Replace("\":\"", "\": \"", StringComparison.Ordinal));
        var results = await client.ResultsAsync(job.Id());
        Assert.Equal($"0 {ann}  ", results[0]);
        Assert.Equal(results[1][2..], results[2][2..]);
        var (changed, bob) = (await client.GetAsync(ann), await client.GetAsync(Guid.Parse(results[1].Split(' ')[1])));
        Assert.Equal(("ANN@example.com", "Oslo", "Ann"), (changed.Text("email"), changed.Text("city"), changed.Text("first_name")));
        Assert.Equal(("Bob", "Paris"), (bob.Text("first_name"), bob.Text("city")));

        var byPhone = await client.RunItemsAsync(
            "upsert", [new { phone = "1234" }, new { phone = "12 34", city = "Lima" }], new { match_on = "phone" });
        Assert.Equal("completed 2/2, 0 failed", byPhone.JobOutcome());
        Assert.Equal(4, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task Several_matches_are_no_match()
    {
        using var client = await app.CreateClientAsync();
        foreach (var name in new[] { "A", "B" }) await client.ContactAsync(new { first_name = name, phone = "555 1234" });
        var job = await client.RunItemsAsync("upsert", [new { phone = "5551234", city = "Oslo" }], new { match_on = "phone" });
        Assert.Equal("completed 1/1, 1 failed", job.JobOutcome());
        Assert.Equal(["0   ambiguous_match"], await client.ResultsAsync(job.Id()));
    }

    [Fact]
    public async Task Custom_types_and_fields_take_items_too()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "record-types-create",
            new { key = "tickets", name = "Tickets", name_is_autonumber = true, autonumber_pattern = "T-{000}" })).Result;
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "tickets", key = "code", label = "Code", kind = "text", unique = true })).Result;
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "tickets", key = "points", label = "Points", kind = "integer" })).Result;
        var created = await client.RunItemsAsync(
            "create",
            [new { code = "a", points = 3 }, new { custom = new { code = "b", points = "1,200" } }, new { code = "A" },
            new { code = "a" }], type: "tickets");
        Assert.Equal("completed 4/4, 1 failed", created.JobOutcome());
        Assert.Equal("3   duplicate_value", (await client.ResultsAsync(created.Id()))[3]);

        var upserted = await client.RunItemsAsync(
            "upsert", [new { code = "b", points = (int?)null }, new { code = "c", points = 5 }, new { code = "d", points = "many" }],
            new { match_on = "code" }, "tickets");
        Assert.Equal("completed 3/3, 1 failed", upserted.JobOutcome());
        var records = await client.AllAsync("records-list", new { record_type = "tickets" });
        Assert.Equal(
            ["A ", "a 3", "b ", "c 5"],
            records.Select(record => record.GetProperty("custom")).Select(custom => $"{custom.Text("code")} {custom.Text("points")}")
            .Order(StringComparer.Ordinal));
        Assert.All(records, record => Assert.Matches("^T-[0-9]{3}$", record.Text("name")));
        Assert.Equal(4, records.Select(record => record.Text("name")).Distinct().Count());
    }

    [Fact]
    public async Task Bad_items_fail_by_themselves_with_all_that_is_wrong_in_the_message()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { first_name = "Ann" });
        var job = await client.RunItemsAsync("update",
        [
            new Dictionary<string, object?> { ["id"] = ann, ["city"] = new[] { "Oslo" }, ["nickname"] = "A" },
            new { id = ann, email = "ann at example", phone = "none" },
            new { id = "7", city = "Oslo" },
            new { city = "Oslo" },
            new { id = ann },
            new { id = ann, first_name = "" },
            new { id = ann, city = "Rome" },
        ]);
        Assert.Equal("completed 7/7, 6 failed", job.JobOutcome());
        Assert.Equal(
            [$"0 {ann}  wrong_type", $"1 {ann}  invalid_email", "2   invalid_uuid", "3   required", $"4 {ann}  required",
                $"5 {ann}  required", $"6 {ann}  "],
            await client.ResultsAsync(job.Id()));
        var items = (await client.PostAsync("bulk-jobs-results", new { id = job.Id(), outcome = "failed", limit = 2 })).Result.GetProperty(
            "items");
        Assert.Equal(
            "city: Found an array, expected a string or null. nickname: There is no such field of contacts.", items[0].Text("message"));
        Assert.Equal(
            "email: Found ann at example, which is not an e-mail address; expected one such as jane@example.com. phone: Found none, which "
                + "is not a phone number; expected 3 to 20 digits with an optional leading +, separators and extension.",
            items[1].Text("message"));
        Assert.Equal("Rome", (await client.GetAsync(ann)).Text("city"));
    }

    [Fact]
    public async Task Ten_thousand_items_are_one_job()
    {
        using var client = await app.CreateClientAsync();
        var created = await client.RunItemsAsync(
            "create", [.. Enumerable.Range(0, 10_000).Select(n => new { external_id = $"e{n}", first_name = $"N{n}" })]);
        Assert.Equal("completed 10000/10000, 0 failed", created.JobOutcome());
        var updated = await client.RunItemsAsync(
            "update", [.. Enumerable.Range(0, 10_000).Select(n => new { external_id = $"e{n}", city = $"C{n}" })]);
        Assert.Equal("completed 10000/10000, 0 failed", updated.JobOutcome());
        Assert.Equal(
            10_000L,
            await app.ScalarAsync(
            $"select count(*) from contacts where 'C' || substr(external_id, 2) = city and 'N' || substr(external_id, 2) = first_name and "
            + $"account_id = '{updated.Text("account_id")}'"));
    }

    [Theory]
    [InlineData("""{"entity_type":"contacts","operation":"create"}""", "items: required")]
    [InlineData("""{"entity_type":"contacts","operation":"create","items":[]}""", "items: out_of_range")]
    [InlineData("""{"entity_type":"contacts","operation":"create","items":{}}""", "items: wrong_type")]
    [InlineData(
        """{"entity_type":"contacts","operation":"create","items":[{"first_name":"a"},7,null]}""",
        "items[1]: wrong_type, items[2]: wrong_type")]
    [InlineData("""{"entity_type":"contacts","operation":"update","items":[{"city":"Oslo"}]}""", "items: required")]
    [InlineData(
        """{"entity_type":"contacts","operation":"tag","items":[{"id":"550e8400-e29b-41d4-a716-446655440000"}]}""", "items: conflict")]
    [InlineData(
        """{"entity_type":"contacts","operation":"upsert","items":[{"city":"Oslo"}],"params":{"match_on":"city"}}""",
        "params.match_on: invalid_choice")]
    [InlineData(
        """{"entity_type":"contacts","operation":"upsert","items":[{"city":"Oslo"}],"params":{"on":"email"}}""",
        "params.on: unknown_member")]
    [InlineData(
        """{"entity_type":"contacts","operation":"create","items":[{"city":"Oslo"}],"params":{"match_on":"email"}}""",
        "params.match_on: unknown_member")]
    [InlineData(
        """{"entity_type":"contacts","operation":"update","items":[{"id":"550e8400-e29b-41d4-a716-446655440000","city":"a\u0000b"}]}""",
        "items[0].city: invalid_characters")]
    public async Task Items_that_are_none_are_refused_as_a_whole(string body, string details)
    {
        using var client = await app.CreateClientAsync();
        var refused = (await client.PostAsync("bulk-jobs-create", body))
            .Expect(System.Net.HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(details, string.Join(", ", refused.Details.Order(StringComparer.Ordinal)));
        Assert.Empty(await client.AllAsync("bulk-jobs-list", new { }));
    }

    [Fact]
    public async Task More_than_ten_thousand_items_are_refused()
    {
        using var client = await app.CreateClientAsync();
        var refused = await client.PostAsync(
            "bulk-jobs-create",
            new { entity_type = "contacts", operation = "create", items = Enumerable.Repeat(new { first_name = "A" }, 10_001) });
        Assert.Equal(["items: out_of_range"], refused.Expect(System.Net.HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }
}

internal static class ItemSteps
{
    /// <summary>Creates a job with items and waits for its end.</summary>
    public static async Task<JsonElement> RunItemsAsync(
        this HttpClient client, string operation, object[] items, object? parameters = null, string type = "contacts")
    {
        var created = (
            await client.PostAsync("bulk-jobs-create", new { entity_type = type, operation, items, @params = parameters })).Result;
        return await client.FinishJobAsync(created.Id());
    }

    /// <summary><c>index record external_id code</c> of each result, page by page.</summary>
    public static async Task<string[]> ResultsAsync(this HttpClient client, Guid id, string? outcome = null, int limit = 3)
    {
        var results = await client.AllAsync("bulk-jobs-results", outcome is null ? new { id, limit } : new { id, outcome, limit });
        Assert.All(results, result => Assert.Equal(result.Text("code") is null ? "succeeded" : "failed", result.Text("outcome")));
        return [.. results.Select(
            result => $"{result.GetProperty("index")} {result.Text("entity_id")} {result.Text("external_id")} {result.Text("code")}")];
    }
}
