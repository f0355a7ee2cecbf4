using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;
using Npgsql;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Jobs that are started later, paused, cancelled and resumed.</summary>
public sealed class BulkJobControlTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    // The job has three chunks in one lane. The second chunk waits for a locked record.
    private const int People = 1_800;
    private const int Held = 900;

    private static readonly object Filter = new { field = "email", op = "is_not_blank" };

    [Fact]
    public async Task A_paused_job_keeps_what_is_done_and_goes_on_from_there()
    {
        using var client = await app.CreateClientAsync();
        var id = await AskedInTheMiddleAsync(client, "bulk-jobs-pause");

        var paused = await client.FinishJobAsync(id);
        Assert.Equal($"paused 1200/{People}, 0 failed", paused.JobOutcome());
        Assert.Equal(1200, await TaggedAsync(client));
        _ = (await client.PostAsync("bulk-jobs-pause", new { id })).Result;

        // This contact is not among the frozen targets.
        _ = await client.ContactAsync(new { email = "later@example.com" });
        _ = (await client.PostAsync("bulk-jobs-resume", new { id })).Result;
        Assert.Equal($"completed {People}/{People}, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
        Assert.Equal(People, await TaggedAsync(client));
        (await client.PostAsync("bulk-jobs-pause", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    [Fact]
    public async Task A_cancelled_job_keeps_what_is_done_and_is_over()
    {
        using var client = await app.CreateClientAsync();
        var id = await AskedInTheMiddleAsync(client, "bulk-jobs-cancel");

        Assert.Equal($"cancelled 1200/{People}, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
        Assert.Equal(1200, await TaggedAsync(client));
        _ = (await client.PostAsync("bulk-jobs-cancel", new { id })).Result;
        foreach (var route in new[] { "bulk-jobs-resume", "bulk-jobs-pause", "bulk-jobs-start" })
        {
            (await client.PostAsync(route, new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        }
    }

    [Fact]
    public async Task A_job_made_to_start_later_finds_its_records_when_it_starts()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ContactAsync(new { email = "before@example.com" });
        var made = (await CreateAsync(client, new { start = false })).Result;
        Assert.Equal(("pending", null, "0"), (made.Text("status"), made.Text("started_at"), made.Text("total_count")));
        Assert.Equal([made.Id()], (await client.AllAsync("bulk-jobs-list", new { status = "pending" })).Select(job => job.Id()));
        _ = await client.ContactAsync(new { email = "between@example.com" });

        var started = (await client.PostAsync("bulk-jobs-start", new { id = made.Id() })).Result;
        Assert.Contains(started.Text("status"), new[] { "processing", "completed" });

        Assert.Equal("completed 2/2, 0 failed", (await client.FinishJobAsync(made.Id())).JobOutcome());
        Assert.Equal(2, await TaggedAsync(client));
        var again = (await client.PostAsync("bulk-jobs-start", new { id = made.Id() })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Contains("completed", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_wait_for_the_start_too_and_a_pending_job_can_be_cancelled()
    {
        using var client = await app.CreateClientAsync();
        var contact = await client.ContactAsync(new { first_name = "Ann" });
        var request = new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact }, start = false };
        var (one, two) = (
            (await client.PostAsync("bulk-jobs-create", request)).Result.Id(),
            (await client.PostAsync("bulk-jobs-create", request)).Result.Id());

        Assert.Equal("cancelled 0/1, 0 failed", (await client.PostAsync("bulk-jobs-cancel", new { id = two })).Result.JobOutcome());
        (await client.PostAsync("bulk-jobs-start", new { id = two })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("bulk-jobs-pause", new { id = one })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("bulk-jobs-resume", new { id = one })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Single(await client.RecordsAsync());

        _ = (await client.PostAsync("bulk-jobs-start", new { id = one })).Result;
        Assert.Equal("completed 1/1, 0 failed", (await client.FinishJobAsync(one)).JobOutcome());
        Assert.Empty(await client.RecordsAsync());
    }

    [Fact]
    public async Task Started_twice_at_once_a_job_runs_once()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ContactAsync(new { email = "a@example.com" });
        var id = (await CreateAsync(client, new { start = false })).Result.Id();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostAsync("bulk-jobs-start", new { id })));

        // A caller that comes after the job's end gets a conflict.
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict }));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("completed 1/1, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
    }

    [Fact]
    public async Task Another_number_than_expected_refuses_the_job_and_its_start()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ContactAsync(new { email = "a@example.com" });

        var refused = (await CreateAsync(client, new { expected_count = 2 })).Expect(HttpStatusCode.Conflict, "count_mismatch");
        Assert.Contains("Found 1 records, expected 2", refused.Text, StringComparison.Ordinal);
        (await client.PostAsync(
            "bulk-jobs-create",
            new { entity_type = "contacts", operation = "delete", entity_ids = new[] { Guid.NewGuid() }, expected_count = 0 }))
            .Expect(HttpStatusCode.Conflict, "count_mismatch");
        Assert.Empty(await client.AllAsync("bulk-jobs-list", new { }));

        var id = (await CreateAsync(client, new { expected_count = 1, start = false })).Result.Id();
        var second = await client.ContactAsync(new { email = "b@example.com" });
        Assert.Contains(
            "Found 2 records, expected 1",
            (await client.PostAsync("bulk-jobs-start", new { id })).Expect(HttpStatusCode.Conflict, "count_mismatch").Text,
            StringComparison.Ordinal);
        Assert.Equal("pending", (await client.PostAsync("bulk-jobs-get", new { id })).Result.Text("status"));

        _ = (await client.PostAsync("contacts-delete", new { id = second })).Result;
        _ = (await client.PostAsync("bulk-jobs-start", new { id })).Result;
        Assert.Equal("completed 1/1, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
    }

    [Theory]
    [InlineData("bulk-jobs-start")]
    [InlineData("bulk-jobs-pause")]
    [InlineData("bulk-jobs-resume")]
    [InlineData("bulk-jobs-cancel")]
    public async Task Another_accounts_job_is_not_there(string route)
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var id = (await CreateAsync(client, new { start = false })).Result.Id();

        (await other.PostAsync(route, new { id })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal("pending", (await client.PostAsync("bulk-jobs-get", new { id })).Result.Text("status"));
    }

    [Fact]
    public async Task Jobs_that_are_pending_take_a_place()
    {
        using var client = await app.CreateClientAsync();
        List<Guid> made = [];
        for (var n = 0; n < BulkJobsApp.MaxActiveJobs; n++) made.Add((await CreateAsync(client, new { start = false })).Result.Id());
        var full = (await CreateAsync(client, new { })).Expect(HttpStatusCode.TooManyRequests, "too_many_jobs");
        Assert.All(made, id => Assert.Contains(id.ToString(), full.Text, StringComparison.Ordinal));
        _ = (await client.PostAsync("bulk-jobs-cancel", new { id = made[0] })).Result;
        _ = (await CreateAsync(client, new { })).Result;
    }

    private static Task<Answer> CreateAsync(HttpClient client, object more)
    {
        var body = JsonSerializer.SerializeToNode(more)!.AsObject();
        (body["entity_type"], body["operation"], body["filter"]) = ("contacts", "tag", JsonSerializer.SerializeToNode(Filter));
        body["params"] = JsonSerializer.SerializeToNode(new { add = new[] { "done" } });
        return client.PostAsync("bulk-jobs-create", body);
    }

    private async Task<Guid> AskedInTheMiddleAsync(HttpClient client, string route)
    {
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, People).Select(n => $"p{n}@example.com\n")));
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var held = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        var contact = (await client.RecordsAsync())[Held].Id();
        await using (var hold = new NpgsqlCommand($"select 1 from contacts where id = '{contact}' for update", connection, held))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var id = (await CreateAsync(client, new { })).Result.Id();
        await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id })).Result.Text("processed_count"), processed =>
                processed == "600");
        _ = (await client.PostAsync(route, new { id })).Result;
        await held.RollbackAsync(TestContext.Current.CancellationToken);
        return id;
    }

    private static async Task<int> TaggedAsync(HttpClient client) =>
        (await client.PostAsync("contacts-count", new { query = "tags HAS 'done'" })).Result.GetProperty("count").GetInt32();
}
