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
