using System.Net;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Jobs that do not start until their caller has said how many records they are about.</summary>
public sealed class ConfirmedCountTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    private const string All = "SELECT * FROM contacts";

    // The default of Driftwood:Jobs:ConfirmAbove.
    private const int Most = 1_000;

    [Fact]
    public async Task A_delete_of_more_than_a_thousand_records_that_are_found_needs_their_number()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync(
            "email,city\n"
            + string.Concat(Enumerable.Range(0, Most + 2).Select(n => $"p{n}@example.com,{(n == 0 ? "Bergen" : "Oslo")}\n")));
        var filter = new { field = "city", op = "eq", value = "Oslo" };

        foreach (var answer in new[]
        {
            await client.PostAsync("bulk-jobs-create", new { entity_type = "contacts", operation = "delete", filter }),
            await client.PostAsync("bulk-jobs-create", new { entity_type = "contacts", operation = "delete", query = "city = 'Oslo'" }),
        })
        {
            Assert.Equal(["expected_count: required"], answer.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
            Assert.Equal(
                "Missing: the selection finds 1001 records, and a delete of more than 1000 needs their number. Count them with "
                + "bulk-jobs-count, and send that number.",
                answer.Detail("expected_count").Text("message"));
        }

        (await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", filter, expected_count = Most }))
            .Expect(HttpStatusCode.Conflict, "count_mismatch");
        Assert.Empty(await client.AllAsync("bulk-jobs-list", new { }));

        // An operation that loses nothing needs no count. A delete of a thousand records needs none either.
        var tag = await client.RunJobAsync(
            new { entity_type = "contacts", operation = "tag", filter, @params = new { add = new[] { "vip" } } });
        Assert.Equal("completed 1001/1001, 0 failed", tag.JobOutcome());
        var one = (await client.PostAsync("contacts-list", new { query = "city = 'Oslo'", limit = 1 })).Result
            .GetProperty("items")[0].Id();
        Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync("delete", [one])).JobOutcome());
        var delete = await client.RunJobAsync(new { entity_type = "contacts", operation = "delete", filter });
        Assert.Equal("completed 1000/1000, 0 failed", delete.JobOutcome());
        Assert.Single(await client.RecordsAsync());
    }

    [Fact]
    public async Task A_delete_with_the_right_number_runs()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, Most + 1).Select(n => $"p{n}@example.com\n")));
        var request = new { entity_type = "contacts", query = "email IS NOT NULL" };
        var count = (await client.PostAsync("bulk-jobs-count", request)).Result.GetProperty("count").GetInt32();

        var job = await client.RunJobAsync(
            new { request.entity_type, operation = "delete", request.query, expected_count = count });

        Assert.Equal("completed 1001/1001, 0 failed", job.JobOutcome());
        Assert.Empty(await client.RecordsAsync());
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("update")]
    [InlineData("tag")]
    public async Task Every_operation_on_all_records_of_a_type_needs_their_number(string operation)
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ContactAsync(new { first_name = "Ann" });
        _ = await client.ContactAsync(new { first_name = "Bob" });
        object? parameters = operation switch
        {
            "update" => new { fields = new { city = "Oslo" } },
            "tag" => new { add = new[] { "vip" } },
            _ => null,
        };

        var refused = await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation, query = All, @params = parameters });
        Assert.Equal(["expected_count: required"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal(
            "Missing: the selection has no condition and finds all 2 records. Count them with bulk-jobs-count, and send that number.",
            refused.Detail("expected_count").Text("message"));

        var job = await client.RunJobAsync(
            new { entity_type = "contacts", operation, query = All, expected_count = 2, @params = parameters });
        Assert.Equal("completed 2/2, 0 failed", job.JobOutcome());
    }

    [Fact]
    public async Task A_job_that_starts_later_needs_the_number_then()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ContactAsync(new { first_name = "Ann" });
        var id = (await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", query = All, start = false })).Result.Id();
        _ = await client.ContactAsync(new { first_name = "Bob" });

        var refused = await client.PostAsync("bulk-jobs-start", new { id });
        Assert.Equal(["expected_count: required"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Contains("all 2 records", refused.Text, StringComparison.Ordinal);
        (await client.PostAsync("bulk-jobs-start", new { id, expected_count = 1 })).Expect(HttpStatusCode.Conflict, "count_mismatch");
        (await client.PostAsync("bulk-jobs-start", new { id, expected_count = -1 }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal("pending", (await client.PostAsync("bulk-jobs-get", new { id })).Result.Text("status"));

        Assert.Equal("2", (await client.PostAsync("bulk-jobs-start", new { id, expected_count = 2 })).Result.Text("expected_count"));
        Assert.Equal("completed 2/2, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
    }

    [Fact]
    public async Task A_start_may_bring_another_number_than_the_job_was_created_with()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { first_name = "Ann" });
        var all = (await client.PostAsync(
            "bulk-jobs-create",
            new { entity_type = "contacts", operation = "delete", query = All, expected_count = 1, start = false })).Result.Id();
        var listed = (await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", entity_ids = new[] { ann }, start = false }))
            .Result.Id();
        _ = await client.ContactAsync(new { first_name = "Bob" });

        (await client.PostAsync("bulk-jobs-start", new { id = all })).Expect(HttpStatusCode.Conflict, "count_mismatch");
        (await client.PostAsync("bulk-jobs-start", new { id = listed, expected_count = 2 }))
            .Expect(HttpStatusCode.Conflict, "count_mismatch");
        _ = (await client.PostAsync("bulk-jobs-start", new { id = all, expected_count = 2 })).Result;
        Assert.Equal("completed 2/2, 0 failed", (await client.FinishJobAsync(all)).JobOutcome());
    }
}
