namespace Driftwood.Tests.Features.Compat;

/// <summary>Fulcrum's own client, as it is published, drives a running server.</summary>
public sealed class FulcrumClientTests(FulcrumApp app) : IClassFixture<FulcrumApp>
{
    [Fact]
    public async Task The_published_client_works_unchanged()
    {
        var (account, other) = (await app.CreateAccountAsync(), await app.CreateAccountAsync());
        using var client = app.CreateClient(account);
        var made = await client.PostAsync("tokens-create", new { name = "reader", scopes = new[] { "read" } });
        var lines = await NodeClient.RunAsync(
            "fulcrum",
            ("DRIFTWOOD_URL", client.BaseAddress!.ToString().TrimEnd('/')),
            ("DRIFTWOOD_TOKEN", account.Token),
            ("DRIFTWOOD_OTHER_TOKEN", other.Token),
            ("DRIFTWOOD_READ_TOKEN", made.Result.GetProperty("token").GetString()!));
        Assert.DoesNotContain(lines, line => !line.StartsWith("ok ", StringComparison.Ordinal) && line != "exit 0");
        Assert.Equal(18, lines.Length);
    }
}
