using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Imports whose rows may contend for external IDs, large enough for several lanes.</summary>
public sealed class PlannedImportTests(PlannedImportTests.App app) : IClassFixture<PlannedImportTests.App>
{
    private const int People = 60_000;

    [Fact]
    public async Task Rows_that_contend_for_a_value_have_the_outcome_of_their_order_in_the_file()
    {
        using var client = await app.CreateClientAsync();
        var created = await ImportAsync(client, Enumerable.Range(0, People).Select(n => $"p{n}@example.com,e{n}"));

        // In each hundred people, the second takes an ID that the first requests in the last row. That row fails.
        // The third requests the ID of the fourth, who gives it up only later. That row fails too.
        // The sixth takes the ID that the fifth has given up.
        var id = await StartAsync(client, Enumerable.Range(0, People).Select(n => (n % 100) switch
        {
            1 => $"p{n}@example.com,x{n - 1}",
            2 => $"p{n}@example.com,e{n + 1}",
            3 or 4 => $"p{n}@example.com,x{n}",
            5 => $"p{n}@example.com,e{n - 1}",
            99 => $"p{n - 99}@example.com,x{n - 99}",
            _ => $"p{n}@example.com,e{n}",
        }));
        var changed = await client.FinishAsync(id);

        Assert.Equal($"completed {People}: {People}/0/0/0", created.Outcome());
        // Two of a hundred fail, four get another ID, and the others have theirs already.
        var hundreds = People / 100;
        Assert.Equal($"completed {People}: 0/{hundreds * 4}/{hundreds * 94}/{hundreds * 2}", changed.Outcome());
        Assert.Equal(3L, await app.ScalarAsync($"select count(*) from lanes where job_id = '{id}' and processed > 1000"));
        Assert.All(
            await client.ErrorsAsync(id), error => Assert.Contains(" Ext external_id duplicate_value ", error, StringComparison.Ordinal));
        Assert.Equal(
            ["p100@example.com e100", "p101@example.com x100", "p102@example.com e102", "p103@example.com x103", "p104@example.com x104",
                "p105@example.com e104"],
            await ContactsAsync(
                client, "p100@example.com", "p101@example.com", "p102@example.com", "p103@example.com", "p104@example.com",
                "p105@example.com"));
    }

    [Fact]
    public async Task Pausing_right_after_confirming_is_heeded_and_the_import_goes_on_afterwards()
    {
        using var client = await app.CreateClientAsync();
        var id = await StartAsync(client, Enumerable.Range(0, People).Select(n => $"p{n}@example.com,e{n / 2}"));

        _ = (await client.PostAsync("imports-pause", new { id })).Result;
        var paused = await client.FinishAsync(id);
        _ = (await client.PostAsync("imports-resume", new { id })).Result;
        var finished = await client.FinishAsync(id);

        Assert.Equal("paused", paused.Text("status"));
        Assert.Equal($"completed {People}: {People / 2}/0/0/{People / 2}", finished.Outcome());
    }

    private static async Task<System.Text.Json.JsonElement> ImportAsync(HttpClient client, IEnumerable<string> rows) =>
        await client.FinishAsync(await StartAsync(client, rows));

    private static async Task<Guid> StartAsync(HttpClient client, IEnumerable<string> rows)
    {
        var id = await client.UploadedAsync(new StringBuilder("Email,Ext\n").AppendJoin('\n', rows).ToString());
        _ = (await client.ConfirmAsync(
            id, "Email,Ext",
            new
            {
                column_mapping = new { Email = "email", Ext = "external_id" },
                match_on = "email",
                duplicate_strategy = "merge"
            })).Result;
        return id;
    }

    private static async Task<string[]> ContactsAsync(HttpClient client, params string[] emails)
    {
        var contacts = await client.AllAsync(
            "contacts-list", new { filter = new { field = "email", op = "in", value = emails }, limit = 100 });
        return [.. contacts.Select(contact => $"{contact.Text("email")} {contact.Text("external_id")}").Order(StringComparer.Ordinal)];
    }

    /// <summary>The API with three lanes per job.</summary>
    public sealed class App(PostgresServer server) : ImportsApp(server)
    {
        private protected override IEnumerable<(string Key, string Value)> MoreSettings =>
            [("Driftwood:Jobs:LanesPerJob", "3"), ("Driftwood:Jobs:ChunkRows", "2000")];
    }
}
