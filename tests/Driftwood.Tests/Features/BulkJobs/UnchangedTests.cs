using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Rows and targets whose record has all their values already write nothing, and are told apart.</summary>
public sealed class UnchangedTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    private const string File = "email,first_name,city,tags\nann@example.com,Ann,Oslo,\"vip,new\"\nbob@example.com,Bob,Rome,\n";

    [Theory]
    [InlineData("merge")]
    [InlineData("overwrite")]
    public async Task The_same_file_again_moves_no_time(string strategy)
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync(File, new { duplicate_strategy = strategy });
        var before = await RecordsAsync(client);

        var tried = await client.ImportAsync(File, new { duplicate_strategy = strategy, dry_run = true });
        var again = await client.ImportAsync(
            File + "bob@example.com,Bob,Bergen,\nBOB@example.com,Bob,Bergen,\n",
            new { duplicate_strategy = strategy, keep_changes = false });

        Assert.Equal("completed 2: 0/0/2/0", tried.Outcome());
        // The last row writes the address in other case.
        Assert.Equal("completed 4: 0/2/2/0", again.Outcome());
        var after = await RecordsAsync(client);
        Assert.Equal(before[0], after[0]);
        Assert.NotEqual(before[1], after[1]);
        string[] same = ["unchanged", "unchanged"];
        foreach (var (job, outcomes) in new (JsonElement, string[])[] { (tried, same), (again, [.. same, "updated", "updated"]) })
        {
            var results = await client.AllAsync("imports-results", new { id = job.Id() });
            Assert.Equal(outcomes, results.Select(result => result.Text("outcome")));
            Assert.Equal(
                (Id(before[0]), JsonValueKind.Null), (results[0].Text("record_id"), results[0].GetProperty("changed").ValueKind));
            Assert.Equal(2, (await client.AllAsync("imports-results", new { id = job.Id(), outcome = "unchanged" })).Length);
            Assert.Empty(await client.AllAsync("imports-results", new { id = job.Id(), outcome = "skipped" }));
            Assert.Contains($",1,unchanged,{Id(before[0])},,,", await ReceiptAsync(client, job), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_dry_run_knows_rows_that_repeat_what_a_row_before_would_write()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo" });
        const string csv = "email,city,tags\nann@example.com,Rome,vip\nann@example.com,Rome,VIP\nnew@example.com,Bergen,a\n"
            + "new@example.com,Bergen,\nnew@example.com,Rome,b\nnew@example.com,Bergen,a\n";
        var settings = new { duplicate_strategy = "merge", dry_run = true };

        var tried = await client.ImportAsync(csv, settings);
        var real = await client.ImportAsync(csv, settings with { dry_run = false });

        Assert.Equal("completed 6: 1/3/2/0", tried.Outcome());
        Assert.Equal(real.Outcome(), tried.Outcome());
        string[] expected = ["updated city,tags", "unchanged ", "created ", "unchanged "];
        Assert.Equal(expected, (await ChangedAsync(client, real)).Take(4));
        Assert.Equal(expected, (await ChangedAsync(client, tried)).Take(4));
    }

    [Fact]
    public async Task Targets_that_have_the_values_already_are_counted_apart_and_an_undo_passes_over_them()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo", tags = new[] { "vip" } });
        var bob = await client.ContactAsync(new { email = "bob@example.com", city = "Rome" });
        var before = await RecordsAsync(client);

        var update = await client.RunJobAsync("update", [ann, bob], new { fields = new { city = "Oslo" } });
        var tag = await client.RunJobAsync("tag", [ann, bob], new { add = new[] { "VIP" } });
        var items = await client.RunJobAsync(new
        {
            entity_type = "contacts",
            operation = "upsert",
            @params = new { match_on = "email" },
            items = new object[] { new { email = "ann@example.com", city = "Oslo" }, new { email = "bob@example.com", job_title = "CTO" } },
        });

        Assert.Equal(before[0], (await RecordsAsync(client))[0]);
        foreach (var job in new[] { update, tag, items })
        {
            Assert.Equal(("completed 2/2, 0 failed", "2", "1"), (job.JobOutcome(), job.Text("success_count"), job.Text("skipped_count")));
            var results = await client.AllAsync("bulk-jobs-results", new { id = job.Id() });
            Assert.Equal(["unchanged", "updated"], results.Select(result => result.Text("effect")));
            Assert.Equal(JsonValueKind.Null, results[0].GetProperty("changed").ValueKind);
            var csv = (await client.PostAsync("bulk-jobs-results-csv", new { id = job.Id() })).Text;
            Assert.Contains($"0,{ann},", csv, StringComparison.Ordinal);
            Assert.Contains(",succeeded,,,unchanged,,", csv, StringComparison.Ordinal);
        }

        var undo = await client.UndoAsync(update.Id());
        Assert.Equal("completed 1/1, 0 failed", undo.JobOutcome());
        Assert.Equal("Rome", (await client.GetAsync(bob)).Text("city"));
        Assert.Equal(before[0], (await RecordsAsync(client))[0]);
    }

    [Fact]
    public async Task Without_kept_changes_they_are_told_apart_all_the_same()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo" });
        var before = await RecordsAsync(client);

        var update = await client.RunJobAsync(new
        {
            entity_type = "contacts",
            operation = "update",
            entity_ids = new[] { ann },
            @params = new { fields = new { city = "Oslo", job_title = (string?)null } },
            keep_changes = false,
        });

        Assert.Equal(("1", "1"), (update.Text("success_count"), update.Text("skipped_count")));
        Assert.Equal("unchanged", (await client.AllAsync("bulk-jobs-results", new { id = update.Id() }))[0].Text("effect"));
        Assert.Equal(before, await RecordsAsync(client));
    }

    private static async Task<List<string>> RecordsAsync(HttpClient client) =>
        [.. (await client.RecordsAsync()).OrderBy(record => record.Text("email"), StringComparer.OrdinalIgnoreCase)
            .Select(record => record.GetRawText())];

    private static string? Id(string record) => JsonElement.Parse(record).Text("id");

    private static async Task<string> ReceiptAsync(HttpClient client, JsonElement job) =>
        (await client.PostAsync("imports-results-csv", new { id = job.Id() })).Text;

    private static async Task<IEnumerable<string>> ChangedAsync(HttpClient client, JsonElement job) =>
        (await client.AllAsync("imports-results", new { id = job.Id() })).Select(row =>
        {
            var changed = row.GetProperty("changed");
            var fields = changed.ValueKind == JsonValueKind.Null ? [] : changed.EnumerateArray().Select(field => field.GetString());
            return $"{row.Text("outcome")} {string.Join(',', fields)}";
        });
}
