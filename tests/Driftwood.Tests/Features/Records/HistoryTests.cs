using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Records;

/// <summary>The changes of single records, and the rows of imports that made them.</summary>
public sealed class HistoryTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Each_change_of_a_record_is_told_with_its_values_user_job_and_row()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "score", label = "Score", kind = "integer" })).Result;
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo" });
        _ = (await client.PostAsync("contacts-update", new { id = ann, custom = new { score = 7 }, city = "Oslo" })).Result;
        var import = await client.ImportAsync(
            "email,city,tags\nnew@example.com,Rome,\nANN@example.com,Rome,vip\n", new { duplicate_strategy = "merge" });
        var tag = await client.RunJobAsync("tag", [ann], new { remove = new[] { "vip" } });
        _ = await client.UndoAsync(tag.Id());
        _ = (await client.PostAsync("contacts-delete", new { id = ann })).Result;

        var changes = await client.AllAsync("records-history", new { record_type = "contacts", id = ann, limit = 2 });

        Assert.Equal(
            ["deleted", "updated", "updated", "updated", "updated", "created"], changes.Select(change => change.Text("effect")));
        Assert.Equal(["email", "city", "tags", "custom.score"], Fields(changes[0]));
        Assert.Equal("tags: [] → [\"vip\"]", Shown(changes[1]));
        Assert.Equal("tags: [\"vip\"] → []", Shown(changes[2]));
        Assert.Equal(tag.Id().ToString(), changes[2].Text("job_id"));
        Assert.Equal(
            "email: \"ann@example.com\" → \"ANN@example.com\", city: \"Oslo\" → \"Rome\", tags: [] → [\"vip\"]", Shown(changes[3]));
        Assert.Equal((import.Id().ToString(), "2"), (changes[3].Text("job_id"), changes[3].Text("row_number")));
        Assert.Equal("custom.score:  → 7", Shown(changes[4]));
        Assert.Null(changes[5].Text("job_id"));
        Assert.All(changes, change => Assert.Equal(account.UserId.ToString(), change.Text("user_id")));
        var times = changes.Select(change => change.GetProperty("at").GetDateTimeOffset()).ToList();
        Assert.Equal(times.OrderDescending(), times);

        using var other = await app.CreateClientAsync();
        (await other.PostAsync("records-history", new { record_type = "contacts", id = ann })).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Each_row_of_an_import_is_told_with_its_record()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo" });
        var import = await client.ImportAsync(
            "email,city\nann@example.com,Rome\nbea@example.com,Oslo\nnot an address,Oslo\n,\n", new { duplicate_strategy = "merge" });

        var rows = await client.AllAsync("imports-results", new { id = import.Id(), limit = 1 });

        Assert.Equal(
            ["1 updated -", "2 created -", "3 failed invalid_email", "4 skipped -"],
            rows.Select(row => $"{row.Text("row_number")} {row.Text("outcome")} {row.Text("code") ?? "-"}"));
        Assert.Equal(ann.ToString(), rows[0].Text("record_id"));
        Assert.Equal("city", Assert.Single(rows[0].GetProperty("changed").EnumerateArray()).GetString());
        Assert.Equal("bea@example.com", (await client.GetAsync(Guid.Parse(rows[1].Text("record_id")!))).Text("email"));
        var failed = await client.AllAsync("imports-results", new { id = import.Id(), outcome = "failed" });
        Assert.Equal("3", Assert.Single(failed).Text("row_number"));
        var unconfirmed = await client.UploadedAsync("email\nd@example.com\n");
        Assert.Empty(await client.AllAsync("imports-results", new { id = unconfirmed }));
    }

    private static List<string?> Fields(JsonElement change) =>
        [.. change.GetProperty("changes").EnumerateArray().Select(field => field.Text("field"))];

    private static string Shown(JsonElement change) => string.Join(", ", change.GetProperty("changes").EnumerateArray()
        .Select(field => $"{field.Text("field")}: {Raw(field, "before")} → {Raw(field, "after")}"));

    private static string Raw(JsonElement field, string member) =>
        field.GetProperty(member) is { ValueKind: not JsonValueKind.Null } value ? value.GetRawText() : "";
}
