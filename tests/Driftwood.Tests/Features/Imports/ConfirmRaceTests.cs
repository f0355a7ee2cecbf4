using System.Net;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Confirms an import more than once, one after the other and all at once (F7).</summary>
public sealed class ConfirmRaceTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Csv = "email,first_name\na@example.com,Ann\nb@example.com,Bob\na@example.com,Ann again\n";

    [Fact]
    public async Task The_same_settings_get_the_same_job_and_others_are_refused()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Csv);
        _ = (await client.ConfirmAsync(id, "email,first_name", new { duplicate_strategy = "merge" })).Result;
        var finished = await client.FinishAsync(id);

        // Explicit defaults are the same settings.
        var same = (
            await client.ConfirmAsync(
            id, "first_name,email", new { duplicate_strategy = "merge", mode = "upsert", match_on = "email", tag_delimiter = "," })).Result;
        Assert.Equal(finished.GetRawText(), same.GetRawText());
        foreach (
            var other in new object[] { new { duplicate_strategy = "skip" },
            new { duplicate_strategy = "merge", add_tags = new[] { "x" } },
            new { duplicate_strategy = "merge", column_mapping = new { email = "email" } } })
        {
            (await client.ConfirmAsync(id, "email,first_name", other)).Expect(HttpStatusCode.Conflict, "invalid_state");
        }

        Assert.Equal(finished.GetRawText(), (await client.PostAsync("imports-get", new { id })).Result.GetRawText());
    }

    [Fact]
    public async Task A_hundred_confirms_at_once_make_one_run()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Csv);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.ConfirmAsync(id, "email,first_name")));

        Assert.All(answers, answer => Assert.Equal(id, answer.Result.Id()));
        Assert.Equal("completed 3: 2/0/1/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(2, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task Of_a_hundred_different_confirms_at_once_one_kind_wins()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Csv);
        string[] strategies = ["skip", "merge", "overwrite", "skip"];
        var asked = Enumerable.Range(0, 100).Select(n => strategies[n % 4]).ToArray();
        var answers = await Task.WhenAll(
            asked.Select(strategy => client.ConfirmAsync(id, "email,first_name", new { duplicate_strategy = strategy })));

        var job = await client.FinishAsync(id);
        var winner = job.Text("duplicate_strategy")!;
        Assert.Equal(winner == "skip" ? "completed 3: 2/0/1/0" : "completed 3: 2/1/0/0", job.Outcome());
        foreach (var (strategy, answer) in asked.Zip(answers))
        {
            if (strategy == winner) Assert.Equal(winner, answer.Result.Text("duplicate_strategy"));
            else answer.Expect(HttpStatusCode.Conflict, "invalid_state");
        }
    }

    [Fact]
    public async Task An_upload_completed_anew_while_it_is_confirmed_never_breaks_the_import()
    {
        using var client = await app.CreateClientAsync();
        for (var round = 0; round < 10; round++)
        {
            var id = await client.UploadedAsync(Csv);
            var racing = Enumerable.Range(0, 4)
                .Select(n => client.PostAsync("imports-complete-upload", new { id, delimiter = n % 2 == 0 ? ";" : "," }));
            var confirming = client.ConfirmAsync(id, "email,first_name");
            var completions = await Task.WhenAll(racing);
            var confirmed = await confirming;
            Assert.All(completions, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict }));
            if (confirmed.Status == HttpStatusCode.UnprocessableEntity)
            {
                Assert.Contains("column_mapping.email: unknown_column", confirmed.Details);
                continue;
            }

            Assert.Equal("completed", confirmed.Result.Id() == id ? (await client.FinishAsync(id)).Text("status") : null);
        }
    }

    [Fact]
    public async Task A_repeated_confirm_with_its_key_is_answered_byte_for_byte()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Csv);
        var body = new { id, column_mapping = new { email = "email" } };
        var first = await client.PostAsync("imports-confirm", body, ("Idempotency-Key", "confirm-1"));
        _ = await client.FinishAsync(id);
        var again = await client.PostAsync("imports-confirm", body, ("Idempotency-Key", "confirm-1"));
        Assert.Equal("processing", first.Result.Text("status"));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
    }
}
