using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Records;

/// <summary>Deleted records are listed with what they held, and come back.</summary>
public sealed class RecycleBinTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Deleted_records_are_listed_the_last_one_first_and_come_back_whole()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "badge", label = "Badge", kind = "text", unique = true })).Result;
        var company = (await client.PostAsync("companies-create", new { name = "Acme" })).Result.Id();
        var ann = await client.ContactAsync(
            new { email = "ann@example.com", tags = new[] { "VIP" }, company_id = company, custom = new { badge = "A1" } });
        var before = await client.GetAsync(ann);
        var bea = await client.ContactAsync(new { email = "bea@example.com" });
        var cid = await client.ContactAsync(new { email = "cid@example.com" });
        _ = (await client.PostAsync("contacts-delete", new { id = bea })).Result;
        var job = await client.RunJobAsync("delete", [ann, cid]);

        var deleted = await client.AllAsync("contacts-deleted-list", new { limit = 1 });

        Assert.Equal(new[] { ann, cid, bea }, deleted.Select(record => record.Id()));
        Assert.Equal(job.Id().ToString(), deleted[0].Text("job_id"));
        Assert.Equal(account.UserId.ToString(), deleted[2].Text("deleted_by"));
        var fields = deleted[0].GetProperty("fields");
        Assert.Equal("ann@example.com", fields.Text("email"));
        Assert.Equal(company.ToString(), fields.Text("company_id"));
        Assert.Equal(("""["VIP"]""", "A1"), (fields.GetProperty("tags").GetRawText(), fields.Text("custom.badge")));

        var restored = await client.FinishJobAsync(
            (await client.PostAsync("contacts-restore", new { ids = new[] { bea, ann, ann } })).Result.Id());

        Assert.Equal("restore completed 2 2/0", Told(restored));
        var results = await client.AllAsync("bulk-jobs-results", new { id = restored.Id() });
        Assert.Equal(["succeeded restored", "succeeded restored"], results.Select(r => $"{r.Text("outcome")} {r.Text("effect")}"));
        Assert.Equal(Without(before, "updated_at"), Without(await client.GetAsync(ann), "updated_at"));
        Assert.Equal(cid, Assert.Single(await client.AllAsync("records-deleted-list", new { record_type = "contacts" })).Id());
        (await client.PostAsync("contacts-create", new { first_name = "Other", custom = new { badge = "A1" } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        // A restore can be taken back.
        var undone = await client.UndoAsync(restored.Id());
        Assert.Equal("undo completed 2 2/0", Told(undone));
        Assert.Equal(3, (await client.AllAsync("contacts-deleted-list", new { })).Select(record => record.Id()).Distinct().Count());
    }

    [Fact]
    public async Task What_cannot_come_back_fails_alone_and_what_is_not_known_is_refused()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com" });
        var bea = await client.ContactAsync(new { email = "bea@example.com" });
        _ = await client.RunJobAsync("delete", [ann, bea]);
        // A deleted record holds no unique value.
        _ = await client.ContactAsync(new { email = "ANN@example.com" });

        var restored = await client.FinishJobAsync((await client.PostAsync(
            "records-restore", new { record_type = "contacts", ids = new[] { ann, bea } })).Result.Id());

        Assert.Equal("restore completed 2 1/1", Told(restored));
        var failure = Assert.Single(await client.AllAsync("bulk-jobs-results", new { id = restored.Id(), outcome = "failed" }));
        Assert.Equal((ann.ToString(), "duplicate_value"), (failure.Text("entity_id"), failure.Text("code")));
        var unknown = Guid.NewGuid();
        var refused = await client.PostAsync("contacts-restore", new { ids = new[] { ann, unknown } });
        refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Contains(unknown.ToString(), Assert.Single(refused.Error.GetProperty("details").EnumerateArray()).Text("message")!);
        (await client.PostAsync("contacts-restore", new { ids = Array.Empty<Guid>() }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        (await client.PostAsync("companies-restore", new { ids = new[] { ann } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        using var other = await app.CreateClientAsync();
        (await other.PostAsync("contacts-restore", new { ids = new[] { ann } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Empty(await other.AllAsync("contacts-deleted-list", new { }));
    }

    private static string Told(JsonElement job) =>
        $"{job.Text("operation")} {job.Text("status")} {job.Text("total_count")} {job.Text("success_count")}/{job.Text("failed_count")}";

    private static string Without(JsonElement record, string member) => string.Join(
        '\n', record.EnumerateObject().Where(each => each.Name != member).Select(each => $"{each.Name}: {each.Value.GetRawText()}"));
}
