using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Tests the outcome of each target, as a list and as a file.</summary>
public sealed class BulkResultsTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Each_target_is_listed_once_at_its_place_in_the_callers_list()
    {
        using var client = await app.CreateClientAsync();
        var ids = await IdsAsync(client, 4);
        var missing = Guid.CreateVersion7();
        var job = (await client.RunJobAsync("tag", [ids[3], missing, ids[0], ids[3], ids[1]], new { add = new[] { "x" } })).Id();

        Assert.Equal([$"0 {ids[3]}  ", $"1 {missing}  not_found", $"2 {ids[0]}  ", $"4 {ids[1]}  "], await client.ResultsAsync(job));
        Assert.Equal([$"1 {missing}  not_found"], await client.ResultsAsync(job, "failed"));
        Assert.Equal([$"0 {ids[3]}  ", $"2 {ids[0]}  ", $"4 {ids[1]}  "], await client.ResultsAsync(job, "succeeded", limit: 1));
    }

    [Fact]
    public async Task A_success_says_what_became_of_the_record()
    {
        using var client = await app.CreateClientAsync();
        await client.ContactAsync(new { email = "ann@example.com", first_name = "Ann" });
        var upserted = await client.RunItemsAsync(
            "upsert",
            [
                new { email = "ann@example.com", city = "Oslo" }, new { email = "bob@example.com" }, new { email = "no address" },
                new { email = "bob@example.com", city = "Rome" },
            ]);
        Assert.Equal(["updated", "created", null, "updated"], await EffectsAsync(client, upserted));
        Assert.Equal(["created"], await EffectsAsync(client, await client.RunItemsAsync("create", [new { first_name = "Eve" }])));
        var ids = await IdsAsync(client, 2);
        var tagged = await client.RunJobAsync("tag", ids, new { add = new[] { "x" } });
        Assert.Equal(["updated", "updated"], await EffectsAsync(client, tagged));
        var deleted = await client.RunJobAsync("delete", [.. ids, Guid.NewGuid()]);
        Assert.Equal(["deleted", "deleted", null], await EffectsAsync(client, deleted));
    }

    private static async Task<string?[]> EffectsAsync(HttpClient client, JsonElement job)
    {
        var results = (await client.PostAsync("bulk-jobs-results", new { id = job.Id() })).Result;
        return [.. results.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("effect").GetString())];
    }

    [Fact]
    public async Task Failed_items_can_be_asked_for_alone_page_by_page()
    {
        using var client = await app.CreateClientAsync();
        var job = (
            await client.RunItemsAsync(
            "create", [.. Enumerable.Range(0, 20).Select(n => n % 3 == 0 ? (object)new { first_name = "A" } : new { city = "Oslo" })]))
            .Id();
        Assert.Equal(
            Enumerable.Range(0, 20).Where(n => n % 3 != 0).Select(n => $"{n}   required"),
            await client.ResultsAsync(job, "failed", limit: 4));
        Assert.Equal(7, (await client.ResultsAsync(job, "succeeded")).Length);
        Assert.Equal(20, (await client.ResultsAsync(job, limit: 7)).Length);
    }

    [Fact]
    public async Task A_file_of_them_runs_no_formulas()
    {
        using var client = await app.CreateClientAsync();
        var made = await client.ContactAsync(new { external_id = "=1+1", first_name = "Ann" });
        var missing = Guid.CreateVersion7();
        var job = await client.RunItemsAsync(
            "update",
            [new { external_id = "=1+1", city = "Oslo", @ref = "=2" }, new { external_id = "a,\"b\"", city = "Rome" },
            new { id = missing, city = "Rome", @ref = "row 3" }]);

        var answer = await client.PostAsync("bulk-jobs-results-csv", new { id = job.Id() });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("text/csv; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        Assert.Equal($"bulk-job-{job.Id()}-results.csv", answer.ContentHeaders.ContentDisposition!.FileName);
        Assert.Equal(
            $""""
            index,entity_id,external_id,outcome,code,message,effect,changed,ref
            0,{made},'=1+1,succeeded,,,updated,city,'=2
            1,,"a,""b""",failed,not_found,There is no record with this external_id.,,,
            2,{missing},,failed,not_found,There is no record with this id.,,,row 3

            """".ReplaceLineEndings("\r\n"),
            answer.Text.TrimStart('\uFEFF'));
        var failed = (await client.PostAsync("bulk-jobs-results-csv", new { id = job.Id(), outcome = "failed" })).Text;
        Assert.Equal(["1", "2"], failed.Split("\r\n")[1..3].Select(line => line.Split(',')[0]));
    }

    [Fact]
    public async Task Results_name_the_fields_that_changed_and_the_callers_own_names_for_items()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { external_id = "ann", city = "Oslo", email = "ann@example.com" });
        var bea = await client.ContactAsync(new { external_id = "bea", city = "Oslo" });
        // The items of one record are applied one after the other.
        var items = await client.RunItemsAsync(
            "upsert",
            [
                new { email = "ann@example.com", city = "Rome", @ref = "first" },
                new { email = "ann@example.com", city = "Rome", first_name = "Ann", @ref = "second" },
                new { email = "new@example.com", @ref = "third" },
                new { email = "none", @ref = new string('x', 255) },
                new { email = "x@example.com", @ref = new string('x', 256) }, new { email = "y@example.com", @ref = (object)5 },
            ]);
        var tagged = await client.RunJobAsync("tag", [ann, bea], new { add = new[] { "VIP" } });
        var undone = await client.UndoAsync(tagged.Id());

        Assert.Equal(
            [
                "first updated [\"city\"]", "second updated [\"first_name\"]", "third created ", $"{new string('x', 255)} invalid_email ",
                $"{new string('x', 256)} too_long ", "5 wrong_type ",
            ],
            await ToldAsync(items));
        Assert.Equal([" updated [\"tags\"]", " updated [\"tags\"]"], await ToldAsync(tagged));
        Assert.Equal([" restored [\"tags\"]", " restored [\"tags\"]"], await ToldAsync(undone));

        async Task<IEnumerable<string>> ToldAsync(JsonElement job) =>
            (await client.AllAsync("bulk-jobs-results", new { id = job.Id(), limit = 2 })).Select(result =>
                $"{result.Text("ref")} {result.Text("effect") ?? result.Text("code")} {result.Text("changed")}");
    }

    [Fact]
    public async Task A_refused_item_of_an_update_names_the_record_that_it_was_meant_for()
    {
        using var client = await app.CreateClientAsync();
        var made = await client.ContactAsync(new { external_id = "refused", first_name = "Ann" });
        var job = await client.RunItemsAsync(
            "update", [new { external_id = "refused", email = "none" }, new { external_id = "absent", email = "none" }]);

        var lines = (await client.PostAsync("bulk-jobs-results-csv", new { id = job.Id() })).Text.Split("\r\n");

        const string why = "\"email: Found none, which is not an e-mail address; expected one such as jane@example.com.\"";
        Assert.Equal([$"0,{made},refused,failed,invalid_email,{why},,,", $"1,,absent,failed,invalid_email,{why},,,"], lines[1..3]);
        Assert.Equal([$"0 {made} refused invalid_email", "1  absent invalid_email"], await client.ResultsAsync(job.Id()));
    }

    [Fact]
    public async Task A_file_of_more_results_than_a_page_holds_them_all()
    {
        using var client = await app.CreateClientAsync();
        var ids = Enumerable.Range(0, 12_345).Select(_ => Guid.CreateVersion7()).ToArray();
        var job = await client.RunJobAsync("delete", ids);
        var lines = (await client.PostAsync("bulk-jobs-results-csv", new { id = job.Id() })).Text.Split("\r\n");
        Assert.Equal(ids.Select((id, n) => $"{n},{id},,failed,not_found,There is no such record.,,,"), lines[1..^1]);
    }

    [Fact]
    public async Task Only_the_account_sees_them_and_a_cursor_is_of_its_own_list()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var job = (await client.RunItemsAsync("create", [new { first_name = "A" }, new { first_name = "B" }])).Id();
        foreach (var route in new[] { "bulk-jobs-results", "bulk-jobs-results-csv" })
        {
            (await other.PostAsync(route, new { id = job })).Expect(HttpStatusCode.NotFound, "not_found");
        }

        var cursor = (await client.PostAsync("bulk-jobs-results", new { id = job, limit = 1 })).Result.Text("next_cursor");
        (await client.PostAsync("bulk-jobs-results", new { id = job, outcome = "succeeded", cursor }))
            .Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        (await client.PostAsync("bulk-jobs-results", new { id = job, outcome = "skipped" }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
    }

    private static async Task<Guid[]> IdsAsync(HttpClient client, int count)
    {
        List<Guid> ids = [];
        for (var n = 0; n < count; n++) ids.Add(await client.ContactAsync(new { first_name = $"N{n}" }));
        return [.. ids];
    }
}
