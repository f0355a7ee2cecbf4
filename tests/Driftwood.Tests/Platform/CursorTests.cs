using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Platform;

/// <summary>Cursors of lists: made by a node, taken by all nodes, and by nobody else.</summary>
public sealed class CursorTests(PostgresServer server) : AppPerTest(server)
{
    [Theory]
    [InlineData("tokens-list", "tokens-list", "{}")]
    [InlineData("users-list", "users-list", "{}")]
    [InlineData("audit-list", "audit-list", "{}")]
    [InlineData("record-types-list", "record-types-list", "{}")]
    [InlineData("tags-list", "tags-list contacts", """{"record_type": "contacts"}""")]
    [InlineData("fields-list", "fields-list contacts", """{"record_type": "contacts"}""")]
    [InlineData("imports-list", "imports-list", "{}")]
    [InlineData("bulk-jobs-list", "bulk-jobs-list", "{}")]
    public async Task A_cursor_that_somebody_else_made_is_refused(string route, string list, string request)
    {
        var account = await App.CreateAccountAsync();
        using var client = App.CreateClient(account.Token);
        foreach (var position in new[] { "", "x", "z\0", Guid.Empty.ToString(), "9999999999999999999" })
        {
            var body = JsonSerializer.Deserialize<Dictionary<string, object>>(request)!;
            body["cursor"] = Forge(account.AccountId, list, position);

            (await client.PostAsync(route, body)).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        }
    }

    [Fact]
    public async Task A_cursor_is_good_on_each_node_with_the_key_and_on_no_other()
    {
        var account = await App.CreateAccountAsync();
        using var client = App.CreateClient(account.Token);
        foreach (var name in new[] { "one", "two" }) _ = (await client.PostAsync("tokens-create", new { name })).Result;
        var first = (await client.PostAsync("tokens-list", new { limit = 1 })).Result;
        var cursor = first.GetProperty("next_cursor").GetString()!;

        Assert.Equal(HttpStatusCode.OK, await AskAsync(account, cursor, []));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(account, cursor, [
            ("Driftwood:Uploads:SigningKeys:0:Id", "new"),
            ("Driftwood:Uploads:SigningKeys:0:Secret", "another secret of the tests, 32 characters long"),
            ("Driftwood:Uploads:SigningKeys:1:Id", "test"),
            ("Driftwood:Uploads:SigningKeys:1:Secret", "a secret of the tests, 32 characters long"),
        ]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await AskAsync(account, cursor, [
            ("Driftwood:Uploads:SigningKeys:0:Secret", "another secret of the tests, 32 characters long"),
        ]));
    }

    [Fact]
    public async Task A_cursor_that_was_changed_in_one_character_is_refused()
    {
        var account = await App.CreateAccountAsync();
        using var client = App.CreateClient(account.Token);
        _ = (await client.PostAsync("tokens-create", new { name = "one" })).Result;
        var cursor = (await client.PostAsync("tokens-list", new { limit = 1 })).Result.GetProperty("next_cursor").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("tokens-list", new { cursor })).Status);

        for (var at = 0; at < cursor.Length; at += 5)
        {
            var changed = $"{cursor[..at]}{(cursor[at] == 'A' ? 'B' : 'A')}{cursor[(at + 1)..]}";
            (await client.PostAsync("tokens-list", new { cursor = changed }))
                .Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        }
    }

    /// <summary>Asks another node for the page behind a cursor.</summary>
    private async Task<HttpStatusCode> AskAsync(TestAccount account, string cursor, (string Key, string Value)[] settings)
    {
        await using var node = await DriftwoodApp.StartAsync(ConnectionString, settings);
        using var client = node.CreateClient(account.Token);
        return (await client.PostAsync("tokens-list", new { cursor })).Status;
    }

    /// <summary>What anybody can make who knows how cursors look: six bytes of a hash without a key, and a position.</summary>
    private static string Forge(Guid account, string list, string position)
    {
        var bytes = Encoding.UTF8.GetBytes(position);
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes($"{account:N}\n{list}\n"), .. bytes]);
        return Base64Url.EncodeToString([.. hash[..6], .. bytes]);
    }
}
