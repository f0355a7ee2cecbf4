using System.Net;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Tests how an upload can be confirmed before, during and after its dry run.</summary>
public sealed class ConfirmAfterDryRunTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Csv = "email,first_name\nann@example.com,Ann\nbob@example.com,Bob\nann@example.com,Ann again\n";
    private const string Columns = "email,first_name";
    private static readonly object Dry = new { dry_run = true };

    [Fact]
    public async Task After_a_dry_run_the_import_is_a_job_of_its_own_on_the_same_file()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);

        var started = (await client.ConfirmAsync(id, Columns)).Result;

        var real = await client.FinishAsync(started.Id());
        Assert.Equal("completed 3: 2/0/1/0", real.Outcome());
        Assert.Equal(
            (id.ToString(), "leads.csv", "contacts", "False"),
            (real.Text("source_job_id"), real.Text("file_name"), real.Text("model_type"), real.GetProperty("dry_run").ToString()));
        var dry = (await client.PostAsync("imports-get", new { id })).Result;
        Assert.Equal(
            ("completed 3: 2/0/1/0", null, "True"), (dry.Outcome(), dry.Text("source_job_id"), dry.GetProperty("dry_run").ToString()));
        var listed = await client.AllAsync("imports-list", new { status = "completed", limit = 1 });
        Assert.Equal([real.Id(), id], listed.Select(job => job.Id()));
        Assert.Equal(2, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task Each_settings_get_their_own_job_back_by_the_id_of_any()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);
        var second = (await client.ConfirmAsync(id, Columns, new { dry_run = true, duplicate_strategy = "merge" })).Result.Id();
        Assert.Equal("completed 3: 2/1/0/0", (await client.FinishAsync(second)).Outcome());
        var real = (await client.ConfirmAsync(second, Columns, new { duplicate_strategy = "merge", dry_run = false })).Result;
        Assert.Equal(id.ToString(), real.Text("source_job_id"));
        _ = await client.FinishAsync(real.Id());

        foreach (var member in new[] { id, second, real.Id() })
        {
            Assert.Equal(id, (await client.ConfirmAsync(member, Columns, Dry)).Result.Id());
            Assert.Equal(
                second, (await client.ConfirmAsync(member, Columns, new { dry_run = true, duplicate_strategy = "merge" })).Result.Id());
            Assert.Equal(real.Id(), (await client.ConfirmAsync(member, Columns, new { duplicate_strategy = "merge" })).Result.Id());
            foreach (var other in new object[] { new { }, new { dry_run = true, duplicate_strategy = "overwrite" } })
            {
                var refused = (await client.ConfirmAsync(member, Columns, other)).Expect(HttpStatusCode.Conflict, "invalid_state");
                Assert.Contains(real.Id().ToString(), refused.Text, StringComparison.Ordinal);
            }
        }

        Assert.Equal(3, (await client.AllAsync("imports-list", new { })).Length);
        Assert.Equal(2, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task While_it_runs_or_is_paused_the_same_settings_get_it_and_others_are_refused()
    {
        using var client = await app.CreateClientAsync();
        var (id, rows) = await LongDryRunAsync(client);
        Assert.Equal(id, (await client.ConfirmAsync(id, "email", Dry)).Result.Id());
        Assert.Contains(
            id.ToString(), (await client.ConfirmAsync(id, "email")).Expect(HttpStatusCode.Conflict, "invalid_state").Text,
            StringComparison.Ordinal);
        _ = (await client.PostAsync("imports-pause", new { id })).Result;
        Assert.Equal("paused", (await client.FinishAsync(id)).Text("status"));
        (await client.ConfirmAsync(id, "email", new { dry_run = true, mode = "create_only" }))
            .Expect(HttpStatusCode.Conflict, "invalid_state");

        _ = (await client.PostAsync("imports-resume", new { id })).Result;

        // Half of the rows repeat the other half, before the pause or after it.
        Assert.Equal($"completed {rows}: {rows / 2}/0/{rows / 2}/0", (await client.FinishAsync(id)).Outcome());
        Assert.Empty(await client.RecordsAsync());
    }

    [Fact]
    public async Task A_cancelled_dry_run_has_written_nothing_and_another_and_the_import_can_follow()
    {
        using var client = await app.CreateClientAsync();
        var (id, rows) = await LongDryRunAsync(client);
        _ = (await client.PostAsync("imports-cancel", new { id })).Result;
        Assert.Equal("cancelled", (await client.FinishAsync(id)).Text("status"));
        Assert.Empty(await client.RecordsAsync());
        var again = (await client.ConfirmAsync(id, "email", Dry)).Result.Id();
        Assert.NotEqual(id, again);
        Assert.Equal($"completed {rows}: {rows / 2}/0/{rows / 2}/0", (await client.FinishAsync(again)).Outcome());
        Assert.Equal(again, (await client.ConfirmAsync(id, "email", Dry)).Result.Id());

        var real = (await client.ConfirmAsync(id, "email")).Result.Id();

        Assert.Equal($"completed {rows}: {rows / 2}/0/{rows / 2}/0", (await client.FinishAsync(real)).Outcome());
        _ = await Eventually.GetAsync(
            () => app.ScalarAsync($"select dry_run_state from jobs where id = '{id}'"), state => (string?)state == "removed");
        (await client.PostAsync("imports-resume", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    [Fact]
    public async Task A_failed_dry_run_is_resumed_only_as_long_as_what_it_kept_is_there()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);
        await FailAsync(id, "kept");
        Assert.Equal("processing", (await client.PostAsync("imports-resume", new { id })).Result.Text("status"));
        _ = await client.FinishAsync(id);

        await FailAsync(id, "removing");

        (await client.PostAsync("imports-resume", new { id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal("completed", (await client.FinishAsync((await client.ConfirmAsync(id, Columns)).Result.Id())).Text("status"));
    }

    [Fact]
    public async Task Fifty_confirms_at_once_after_it_make_one_import()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.ConfirmAsync(id, Columns)));

        var real = Assert.Single(answers.Select(answer => answer.Result.Id()).Distinct());
        Assert.Equal("completed 3: 2/0/1/0", (await client.FinishAsync(real)).Outcome());
        Assert.Equal(2, (await client.AllAsync("imports-list", new { })).Length);
    }

    [Fact]
    public async Task Of_fifty_different_confirms_at_once_one_kind_wins()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);
        string[] strategies = ["skip", "merge", "overwrite"];
        var asked = Enumerable.Range(0, 50).Select(n => strategies[n % 3]).ToArray();

        var answers = await Task.WhenAll(asked.Select(strategy => client.ConfirmAsync(id, Columns, new { duplicate_strategy = strategy })));

        var real = Assert.Single(
            answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Result.Id()).Distinct());
        var winner = (await client.FinishAsync(real)).Text("duplicate_strategy");
        foreach (var (strategy, answer) in asked.Zip(answers))
        {
            if (strategy != winner) answer.Expect(HttpStatusCode.Conflict, "invalid_state");
        }

        Assert.Equal(2, (await client.AllAsync("imports-list", new { })).Length);
    }

    [Fact]
    public async Task A_repeated_confirm_with_its_key_is_answered_byte_for_byte()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);
        var body = new { id, column_mapping = new { email = "email" } };
        var first = await client.PostAsync("imports-confirm", body, ("Idempotency-Key", "after-dry"));
        _ = await client.FinishAsync(first.Result.Id());

        Assert.Equal(first.Text, (await client.PostAsync("imports-confirm", body, ("Idempotency-Key", "after-dry"))).Text);
        Assert.Equal(2, (await client.AllAsync("imports-list", new { })).Length);
    }

    [Fact]
    public async Task Another_accounts_dry_run_is_not_there()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var id = await DryAsync(client);

        (await other.ConfirmAsync(id, Columns)).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Empty(await other.AllAsync("imports-list", new { }));
    }

    [Fact]
    public async Task Settings_are_checked_before_anything_is_made()
    {
        using var client = await app.CreateClientAsync();
        var id = await DryAsync(client);

        var refused = await client.ConfirmAsync(id, Columns, new { match_on = "phone" });

        Assert.Equal(["match_on: not_mapped"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Single(await client.AllAsync("imports-list", new { }));
    }

    private static async Task<Guid> DryAsync(HttpClient client)
    {
        var id = await client.UploadedAsync(Csv);
        Assert.Equal(id, (await client.ConfirmAsync(id, Columns, Dry)).Result.Id());
        Assert.Equal("completed 3: 2/0/1/0", (await client.FinishAsync(id)).Outcome());
        return id;
    }

    // The dry run has so many chunks of 250 rows that it still runs during the requests.
    private static async Task<(Guid Id, int Rows)> LongDryRunAsync(HttpClient client)
    {
        const int Rows = 30_000;
        StringBuilder csv = new("email\n");
        for (var n = 0; n < Rows; n++) csv.Append(null, $"person{n % (Rows / 2)}@example.com\n");
        var id = await client.UploadedAsync(csv.ToString());
        _ = (await client.ConfirmAsync(id, "email", Dry)).Result;
        return (id, Rows);
    }

    private async Task FailAsync(Guid id, string state) => _ = await app.ScalarAsync(
        $"""
        update lanes set status = 'failed' where job_id = '{id}';
        update jobs set status = 'failed', error_message = 'Lost.', dry_run_state = '{state}' where id = '{id}';
        """);
}
