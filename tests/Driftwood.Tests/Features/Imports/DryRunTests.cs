using System.Globalization;
using System.Text;
using System.Text.Json;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The import does exactly what its dry run reports. The dry run changes nothing.</summary>
public sealed class DryRunTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Columns = "email,external_id,first_name,tags,company_name";
    private static readonly string[] Types = ["contacts", "companies", "sources"];

    [Fact]
    public async Task Over_many_chunks_that_repeat_and_clash_it_foretells_every_count_error_and_warning()
    {
        using var client = await app.CreateClientAsync();
        await PrepareAsync(client);
        var before = await StoredAsync(client);
        var id = await client.UploadedAsync(Csv());
        var settings = new { duplicate_strategy = "merge", link_companies = "create" };

        _ = (await client.ConfirmAsync(id, Columns, With(settings, dryRun: true))).Result;
        var dry = await client.FinishAsync(id);

        Assert.Equal(("True", null), (dry.GetProperty("dry_run").GetBoolean().ToString(), dry.Text("source_job_id")));
        Assert.Equal(before, await StoredAsync(client));
        var next = (await client.ConfirmAsync(id, Columns, settings)).Result.Id();
        var real = await client.FinishAsync(next);
        Assert.NotEqual(id, next);
        Assert.False(real.GetProperty("dry_run").GetBoolean());
        Assert.Equal($"{id}", real.Text("source_job_id"));
        Assert.Equal(real.Outcome(), dry.Outcome());
        Assert.Equal(real.Text("warning_count"), dry.Text("warning_count"));
        Assert.All(
            ["created_count", "updated_count", "failed_count", "warning_count"], counter =>
            Assert.False(dry.Text(counter) == "0", $"{counter} of {dry}"));
        foreach (var route in new[] { "imports-errors", "imports-warnings" })
        {
            var foretold = (await client.AllAsync(route, new { id, limit = 1000 })).Select(row => row.GetRawText());
            Assert.Equal((await client.AllAsync(route, new { id = next, limit = 1000 })).Select(row => row.GetRawText()), foretold);
        }

        Assert.Equal(
            (await client.PostAsync("imports-errors-csv", new { id = next })).Text,
            (await client.PostAsync("imports-errors-csv", new { id })).Text);
        Assert.NotEqual(before, await StoredAsync(client));
    }

    [Theory]
    [InlineData("skip", "completed 4: 3/0/1/0")]
    [InlineData("merge", "completed 4: 3/1/0/0")]
    public async Task Rows_of_an_earlier_chunk_count_as_made(string strategy, string outcome)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email\nann@example.com\nbob@example.com\nANN@example.com\ncy@example.com\n");
        _ = (await client.ConfirmAsync(id, "email", new { duplicate_strategy = strategy, dry_run = true })).Result;

        Assert.Equal(outcome, (await client.FinishAsync(id)).Outcome());
        Assert.Empty(await client.RecordsAsync());
    }

    [Fact]
    public async Task A_unique_value_that_a_row_gives_up_is_free_for_a_later_one_and_one_it_takes_is_not()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync("email,external_id\nann@example.com,x-1\n");
        var before = await StoredAsync(client);
        var rows = "email,external_id\nann@example.com,x-2\nbob@example.com,x-1\ncy@example.com,x-2\n"
            + string.Concat(Enumerable.Range(0, 600).Select(n => $"p{n}@example.com,p-{n}\n"))
            + "ann@example.com,x-3\ndi@example.com,x-2\n";
        var id = await client.UploadedAsync(rows);
        _ = (await client.ConfirmAsync(id, "email,external_id", new { duplicate_strategy = "merge", dry_run = true })).Result;

        Assert.Equal("completed 605: 602/2/0/1", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["3 4 external_id external_id duplicate_value x-2"], await client.ErrorsAsync(id));
        Assert.Equal(before, await StoredAsync(client));
    }

    [Fact]
    public async Task What_it_kept_is_gone_soon_after_it_ends()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Csv());
        _ = (await client.ConfirmAsync(id, Columns, new { duplicate_strategy = "merge", dry_run = true })).Result;
        _ = await client.FinishAsync(id);

        _ = await Eventually.GetAsync(
            () => app.ScalarAsync($"select dry_run_state from jobs where id = '{id}'"), state => (string?)state == "removed");
        Assert.Equal(
            0L, await app.ScalarAsync(
            $"select (select count(*) from dry_run_keys where job_id = '{id}') + (select count(*) from dry_run_records where job_id = "
            + $"'{id}')"));
        Assert.Equal(
            DBNull.Value,
            await app.ScalarAsync(
                $"select dry_run_state from jobs where id = '{(await client.ImportAsync("email\nann@example.com\n")).Id()}'"));
    }

    private static async Task PrepareAsync(HttpClient client)
    {
        _ = (await client.PostAsync("companies-create", new { name = "Acme" })).Result;
        _ = (await client.PostAsync("companies-create", new { name = "Twin" })).Result;
        _ = (await client.PostAsync("companies-create", new { name = "twin" })).Result;
        var many = string.Join(',', Enumerable.Range(0, 99).Select(n => $"t{n}"));
        _ = await client.ImportAsync($"email,external_id,tags\np1@example.com,x-1,\"{many}\"\np2@example.com,x-2,vip\n");
    }

    // Addresses occur two or three times, far apart. One row in eleven takes the next person's external ID. p1 gets too many tags.
    private static string Csv()
    {
        StringBuilder csv = new(Columns + "\n");
        string[] companies = ["Acme", "Twin", "New", "", "new", "Newer"];
        for (var n = 0; n < 2_000; n++)
        {
            var person = n * 7 % 900;
            var email = n % 70 == 0 ? "@" : $"p{person}@example.com";
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{email},x-{(n % 11 == 0 ? person + 1 : person)},Name {n},new {n},{companies[n % companies.Length]}\n");
        }

        return csv.ToString();
    }

    private static JsonElement With(object settings, bool dryRun)
    {
        var body = JsonSerializer.SerializeToNode(settings)!.AsObject();
        body["dry_run"] = dryRun;
        return JsonSerializer.SerializeToElement(body);
    }

    /// <summary>All records as callers see them, including their times.</summary>
    private static async Task<string> StoredAsync(HttpClient client)
    {
        StringBuilder stored = new();
        foreach (var type in Types)
        {
            foreach (var record in await client.RecordsAsync(type)) stored.Append(record.GetRawText());
        }

        return stored.ToString();
    }
}
