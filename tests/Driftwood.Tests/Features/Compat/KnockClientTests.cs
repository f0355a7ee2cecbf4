namespace Driftwood.Tests.Features.Compat;

/// <summary>Knock's own clients, the newest and the one before it was generated, against a running server.</summary>
public sealed class KnockClientTests(PostgresServer server)
{
    [Fact]
    public async Task Both_clients_find_what_they_expect()
    {
        await using var database = new TemporaryDatabase(server);
        await using var app = await DriftwoodApp.StartAsync(
            database.ConnectionString, [("Driftwood:Compat:Knock:Accounts", "*"), ("Driftwood:Jobs:SweepSeconds", "1")]);
        var (first, second) = (await app.CreateAccountAsync(), await app.CreateAccountAsync());
        var reader = await app.CreateAccountAsync("read");
        using var client = app.CreateClient();

        var lines = await NodeClient.RunAsync(
            "knock",
            ("DRIFTWOOD_URL", client.BaseAddress!.ToString().TrimEnd('/')),
            ("DRIFTWOOD_TOKEN", first.Token),
            ("DRIFTWOOD_OTHER_TOKEN", second.Token),
            ("DRIFTWOOD_READ_TOKEN", reader.Token));

        Assert.DoesNotContain(lines, line => !line.StartsWith("ok ", StringComparison.Ordinal) && line != "exit 0");
        Assert.Equal(34, lines.Length);
    }
}
