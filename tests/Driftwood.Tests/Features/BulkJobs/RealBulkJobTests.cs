using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Bulk jobs as people who move from other programs ask for them.</summary>
public sealed class RealBulkJobTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Case_29_False_and_zero_are_values()
    {
        using var client = await ClientAsync();
        Guid[] ids = [await client.ContactAsync(new { first_name = "A", city = "Case29" }), await client.ContactAsync(
            new { first_name = "B", city = "Case29" })];

        var job = await client.RunJobAsync(Body("29-update-false-and-zero.json"));

        Assert.Equal("completed 2/2, 0 failed", job.JobOutcome());
        foreach (var id in ids)
        {
            var custom = (await client.GetAsync(id)).GetProperty("custom");
            Assert.Equal(("false", "0"), (custom.Text("subscribed29"), custom.Text("score29")));
        }
    }

    [Fact]
    public async Task Case_30_Tags_are_removed_however_they_are_spelled()
    {
        using var client = await ClientAsync();
        string[][] tags = [["This is my tag", "toread", "keep"], ["keep"], ["#toread", "gone"]];
        List<Guid> ids = [];
        foreach (var set in tags) ids.Add(await client.ContactAsync(new { first_name = "A", city = "Case30", tags = set }));

        var job = await client.RunJobAsync(Body("30-remove-tags.json"));

        Assert.Equal("completed 3/3, 0 failed", job.JobOutcome());
        Assert.Equal(["toread", "keep"], (await client.GetAsync(ids[0])).Tags());
        Assert.Equal(["keep"], (await client.GetAsync(ids[1])).Tags());
        Assert.Empty((await client.GetAsync(ids[2])).Tags());
    }

    [Fact]
    public async Task Case_31_A_custom_list_of_tags_is_added_to_and_replaced()
    {
        using var client = await ClientAsync();
        string[] interests31 = ["cinema", "music"];
        var id = await client.ContactAsync(new { first_name = "A", city = "Case31", interests31 });
        var bodies = Body("31-append-to-multi-value-field.json").AsArray();
        Task<string[]> ListAsync() => ListOfAsync(client, id, "interests31");

        Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync(bodies[0]!)).JobOutcome());
        Assert.Equal(["cinema", "music", "theatre"], await ListAsync());
        var refused = await client.PostAsync("bulk-jobs-create", bodies[1]!);
        Assert.Equal(
            ["params.fields.interests31: wrong_type"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync(bodies[2]!)).JobOutcome());
        Assert.Equal(["theatre"], await ListAsync());
    }

    [Theory]
    [InlineData("""{"add": ["MUSIC", "opera"]}""", "cinema,Music,opera", 2)]
    [InlineData("""{"remove": ["music", "none"]}""", "cinema", 1)]
    [InlineData("""{"add": ["music"], "remove": ["cinema", "music"]}""", "music", 2)]
    [InlineData("""{"remove": ["music", "cinema"]}""", "", 1)]
    [InlineData("""{"set": ["one", "two"]}""", "one,two", 2)]
    [InlineData("""{"set": []}""", "", 1)]
    public async Task A_custom_list_changes_as_tags_do_and_the_change_can_be_undone(string parameters, string expected, int changed)
    {
        using var client = await ClientAsync();
        var id = await client.ContactAsync(new { first_name = "A", interests31 = new[] { "cinema", "Music" }, tags = new[] { "own" } });
        var blank = await client.ContactAsync(new { first_name = "B" });
        var changes = JsonNode.Parse(parameters)!;
        changes["field"] = "interests31";

        var body = new { entity_type = "contacts", operation = "tag", entity_ids = new[] { id, blank }, @params = changes };
        var job = await client.RunJobAsync(body);

        Assert.Equal("completed 2/2, 0 failed", job.JobOutcome());
        Assert.Equal(expected, string.Join(',', await ListOfAsync(client, id, "interests31")));
        Assert.Equal(["own"], (await client.GetAsync(id)).Tags());
        var undo = (await client.PostAsync("jobs-undo", new { id = job.Id() })).Result.Id();
        // A list that is blank before and after did not change.
        Assert.Equal($"{2 - changed}", job.Text("skipped_count"));
        Assert.Equal($"completed {changed}/{changed}, 0 failed", (await client.FinishJobAsync(undo)).JobOutcome());
        Assert.Equal(["cinema", "Music"], await ListOfAsync(client, id, "interests31"));
        Assert.Empty(await ListOfAsync(client, blank, "interests31"));
    }

    [Fact]
    public async Task A_custom_list_has_room_for_a_hundred_tags_and_a_required_one_is_not_emptied()
    {
        using var client = await ClientAsync();
        var field = new { record_type = "contacts", key = "skills", label = "Skills", kind = "tags", required = true };
        _ = (await client.PostAsync("fields-create", field)).Result;
        var full = Enumerable.Range(0, 100).Select(n => $"tag {n}").ToArray();
        var id = await client.ContactAsync(new { first_name = "A", skills = new[] { "one" }, interests31 = full });

        foreach (var (parameters, code) in new (object, string)[]
            {
                (new { field = "interests31", add = new[] { "one more" } }, "too_long"),
                (new { field = "skills", remove = new[] { "one" } }, "required"),
                (new { field = "skills", set = Array.Empty<string>() }, "required"),
            })
        {
            var body = new { entity_type = "contacts", operation = "tag", entity_ids = new[] { id }, @params = parameters };
            var job = await client.RunJobAsync(body);
            Assert.Equal("completed 1/1, 1 failed", job.JobOutcome());
            Assert.Equal(code, (await client.AllAsync("bulk-jobs-results", new { id = job.Id() }))[0].Text("code"));
        }

        Assert.Equal(full, await ListOfAsync(client, id, "interests31"));
        Assert.Equal(["one"], await ListOfAsync(client, id, "skills"));
    }

    [Theory]
    [InlineData("\"city\"", "invalid_choice")]
    [InlineData("\"nothing\"", "invalid_choice")]
    [InlineData("7", "wrong_type")]
    public async Task A_field_that_holds_no_tags_is_refused(string field, string code)
    {
        using var client = await ClientAsync();
        var id = await client.ContactAsync(new { first_name = "A" });

        var parameters = new { add = new[] { "a" }, field = JsonNode.Parse(field) };
        var refused = await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "tag", entity_ids = new[] { id }, @params = parameters });

        Assert.Equal([$"params.field: {code}"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal("""["tags","interests31"]""", refused.Error.GetProperty("details")[0].GetProperty("accepted").GetRawText());
    }

    [Fact]
    public async Task Case_33_Failed_items_say_which_and_why()
    {
        using var client = await ClientAsync();
        _ = await client.ContactAsync(new { external_id = "k33a" });
        var known = await client.ContactAsync(new { external_id = "k33b" });

        var job = await client.RunJobAsync(Body("33-failed-results.json"));

        Assert.Equal("completed 4/4, 3 failed", job.JobOutcome());
        var items = await client.AllAsync("bulk-jobs-results", new { id = job.Id() });
        Assert.Equal(["0", "1", "2", "3"], items.Select(item => item.Text("index")));
        Assert.Equal(("k33a", "succeeded"), (items[0].Text("external_id"), items[0].Text("outcome")));
        Assert.Equal(("missing33", "not_found"), (items[1].Text("external_id"), items[1].Text("code")));
        Assert.Equal(("invalid_email", known.ToString()), (items[2].Text("code"), items[2].Text("entity_id")));
        Assert.Equal("not_found", items[3].Text("code"));
        Assert.All(items[1..], item => Assert.NotEmpty(item.Text("message")!));
    }

    [Fact]
    public async Task Case_59_Null_and_an_empty_string_both_clear()
    {
        using var client = await ClientAsync();
        var id = await client.ContactAsync(new
        {
            first_name = "Case59",
            city = "Oslo",
            state = "Oslo",
            birthday = "1988-03-15",
            custom = new { score29 = 7 },
        });
        var bodies = (JsonArray)Body("59-bulk-clear.json");

        foreach (var body in bodies) Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync(body!.DeepClone())).JobOutcome());

        var contact = await client.GetAsync(id);
        Assert.Equal((null, null, null), (contact.Text("city"), contact.Text("birthday"), contact.Text("state")));
        Assert.Null(contact.GetProperty("custom").Text("score29"));
    }

    [Fact]
    public async Task Case_62_All_but_some()
    {
        using var client = await ClientAsync();
        List<Guid> ids = [];
        foreach (var name in (string[])["A", "B", "C"]) ids.Add(await client.ContactAsync(new { first_name = name, city = "Case62" }));
        var body = Body("62-all-but-some.json");
        body["filter"]!["and"]![1]!["not"]!["value"]![0] = ids[1];

        var job = await client.RunJobAsync(body);

        Assert.Equal("completed 2/2, 0 failed", job.JobOutcome());
        foreach (var id in ids)
        {
            Assert.Equal(id == ids[1] ? [] : ["kept62"], (await client.GetAsync(id)).Tags());
        }
    }

    [Fact]
    public async Task Case_68_Items_may_have_different_members()
    {
        using var client = await ClientAsync();

        var job = await client.RunJobAsync(Body("68-sparse-items.json"));

        Assert.Equal("completed 2/2, 0 failed", job.JobOutcome());
        Assert.Equal(
            ["a68@example.com|-", "b68@example.com|+47 21 00 68 02"], await client.ValuesAsync("email", "phone"));
    }

    private static async Task<string[]> ListOfAsync(HttpClient client, Guid id, string field)
    {
        var list = (await client.GetAsync(id)).GetProperty("custom").GetProperty(field);
        return list.ValueKind == JsonValueKind.Null ? [] : [.. list.EnumerateArray().Select(tag => tag.GetString()!)];
    }

    private static JsonNode Body(string name) => JsonNode.Parse(RealFiles.Read(name))!;

    private async Task<HttpClient> ClientAsync()
    {
        var client = await app.CreateClientAsync();
        foreach (var (key, kind) in ((string, string)[])[("subscribed29", "boolean"), ("score29", "integer"), ("interests31", "tags")])
        {
            _ = (await client.PostAsync("fields-create", new { record_type = "contacts", key, label = key, kind })).Result;
        }

        return client;
    }
}
