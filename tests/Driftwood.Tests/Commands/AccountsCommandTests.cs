using System.Net;

namespace Driftwood.Tests.Commands;

[Collection(nameof(EmbeddedNode))]
public sealed class AccountsCommandTests(EmbeddedNode node)
{
    [Fact]
    public async Task A_new_account_s_token_works_until_the_account_is_disabled()
    {
        var made = await node.RunAsync("accounts", "create", "Fjord Coffee", "--user", "Ingrid", "--email", "ingrid@fjord.example");
        using var client = node.CreateClient(made.Expect(0).Output.Trim());
        var me = (await client.PostAsync("me", new { })).Result;
        Assert.Equal("Fjord Coffee", me.GetProperty("account").GetProperty("name").GetString());
        Assert.Equal("Ingrid", me.GetProperty("user").GetProperty("name").GetString());

        (await node.RunAsync("accounts", "disable", "Fjord Coffee")).Expect(0);
        (await client.PostAsync("me", new { })).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Matches("Fjord Coffee .*disabled", (await node.RunAsync("accounts", "list")).Expect(0).Output);

        (await node.RunAsync("accounts", "enable", "Fjord Coffee")).Expect(0);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("me", new { })).Status);
    }

    [Fact]
    public async Task A_token_has_the_scopes_it_was_given_until_it_is_revoked()
    {
        var made = await node.RunAsync("tokens", "create", "--account", "My account", "--name", "reports", "--scopes", "read");
        using var client = node.CreateClient(made.Expect(0).Output.Trim());
        var token = (await client.PostAsync("me", new { })).Result.GetProperty("token");
        Assert.Equal("reports", token.GetProperty("name").GetString());
        (await client.PostAsync("contacts-create", new { email = "x@example.com" })).Expect(HttpStatusCode.Forbidden, "forbidden");
        var id = token.GetProperty("id").GetString()!;
        Assert.Contains(id, (await node.RunAsync("tokens", "list", "--account", "My account")).Expect(0).Output, StringComparison.Ordinal);

        (await node.RunAsync("tokens", "revoke", id, "--account", "My account")).Expect(0);
        (await client.PostAsync("me", new { })).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task An_unknown_account_is_exit_code_1()
    {
        var ended = await node.RunAsync("tokens", "list", "--account", "Nobody");
        Assert.Contains("There is no account Nobody", ended.Expect(1).Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_without_Citus_is_not_distributed()
    {
        var refused = await node.RunAsync("distribute");
        Assert.Contains("has no extension citus", refused.Expect(1).Notes, StringComparison.Ordinal);
    }
}
