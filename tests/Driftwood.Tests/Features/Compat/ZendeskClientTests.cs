using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Runs Zendesk's own client against the service: tests/clients/zendesk.</summary>
public sealed class ZendeskClientTests(PostgresServer server) : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = new(server);

    [Fact]
    public async Task Its_own_client_works_unchanged()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString, [("Driftwood:Compat:Zendesk:Accounts", "*")]);
        var (account, other) = (await app.CreateAccountAsync(), await app.CreateAccountAsync());
        using var client = app.CreateClient(account.Token);
        var reader = (await client.PostAsync("tokens-create", new { name = "reader", scopes = new[] { "read" } })).Result;

        var lines = await NodeClient.RunAsync(
            "zendesk",
            ("DRIFTWOOD_URL", client.BaseAddress!.GetLeftPart(UriPartial.Authority)),
            ("DRIFTWOOD_TOKEN", account.Token),
            ("DRIFTWOOD_OTHER_TOKEN", other.Token),
            ("DRIFTWOOD_READ_TOKEN", reader.Text("token")!));

        Assert.DoesNotContain(lines, line => !line.StartsWith("ok ", StringComparison.Ordinal) && line != "exit 0");
        Assert.Equal(38, lines.Length);
    }

    [Fact]
    public void The_packages_are_pinned_without_addresses()
    {
        Assert.DoesNotContain("\"resolved\"", Repository.Read("tests/clients/zendesk/package-lock.json"), StringComparison.Ordinal);
        Assert.Contains("\"node-zendesk\": \"6.0.1\"", Repository.Read("tests/clients/zendesk/package.json"), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
