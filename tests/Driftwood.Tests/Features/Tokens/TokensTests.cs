using System.Net;
using System.Text.Json;

namespace Driftwood.Tests.Features.Tokens;

public sealed class TokensTests(TokensApp fixture) : IClassFixture<TokensApp>
{
    private readonly DriftwoodApp _app = fixture.App;

    [Fact]
    public async Task A_new_token_works_and_is_shown_once()
    {
        var client = await NewClientAsync();
        var created = (await client.PostAsync("tokens-create", new { name = "sync", scopes = new[] { "read" } })).Result;
        var secret = created.GetProperty("token").GetString()!;
        var me = (await _app.CreateClient(secret).PostAsync("me", "{}")).Result.GetProperty("token");
        Assert.Equal("sync", me.GetProperty("name").GetString());
        Assert.Equal(["read"], me.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()));
        var list = await client.PostAsync("tokens-list", "{}");
        Assert.Equal(2, list.Result.GetProperty("items").GetArrayLength());
        Assert.DoesNotContain(secret, list.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idempotency_key_never_keeps_a_secret()
    {
        var client = await NewClientAsync();
        var key = ("Idempotency-Key", "same");
        var first = (await client.PostAsync("tokens-create", """{"name":"a"}""", key)).Result;
        var second = (await client.PostAsync("tokens-create", """{"name":"a"}""", key)).Result;
        Assert.NotEqual(first.GetProperty("token").GetString(), second.GetProperty("token").GetString());
    }

    [Fact]
    public async Task A_token_cannot_give_what_it_has_not()
    {
        var client = await NewClientAsync("admin");
        (await client.PostAsync("tokens-create", """{"name":"a","scopes":["read"]}""")).Expect(HttpStatusCode.Forbidden, "forbidden");
        var inherited = (await client.PostAsync("tokens-create", """{"name":"a"}""")).Result;
        Assert.Equal("""["admin"]""", inherited.GetProperty("scopes").GetRawText());
    }

    [Fact]
    public async Task Every_mistake_in_a_create_is_named()
    {
        var client = await NewClientAsync();
        var answer = await client.PostAsync(
            "tokens-create",
            """{"name":"","scopes":["read","root"],"expires_at":"2025-06-15T14:30:00+02:00","account_id":"x"}""");
        answer.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(
            ["account_id: unknown_member", "name: required", "scopes[1]: invalid_choice", "expires_at: out_of_range"], answer.Details);
        var accepted = answer.Detail("scopes[1]").GetProperty("accepted");
        Assert.Equal("""["read","write","bulk","bulk:delete","admin"]""", accepted.GetRawText());
        Assert.Equal(["scopes: required"], (await client.PostAsync("tokens-create", """{"name":"a","scopes":[]}""")).Details);
    }

    [Fact]
    public async Task A_token_expires_on_time()
    {
        var client = await NewClientAsync();
        var expiry = fixture.Clock.GetUtcNow().AddMinutes(10);
        var created = (
            await client.PostAsync("tokens-create", new { name = "short", expires_at = expiry.ToOffset(TimeSpan.FromHours(2)) })).Result;
        Assert.Equal(expiry.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFZ", null), created.GetProperty("expires_at").GetString());
        var expiring = _app.CreateClient(created.GetProperty("token").GetString());
        Assert.Equal(HttpStatusCode.OK, (await expiring.PostAsync("me", "{}")).Status);
        fixture.Clock.Advance(TimeSpan.FromMinutes(10));
        (await expiring.PostAsync("me", "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_token_makes_none_that_outlives_it()
    {
        var client = await NewClientAsync();
        var expiry = fixture.Clock.GetUtcNow().AddMinutes(10);
        var created = (await client.PostAsync("tokens-create", new { name = "short", expires_at = expiry })).Result;
        var expiring = _app.CreateClient(created.GetProperty("token").GetString());
        var refused = await expiring.PostAsync("tokens-create", new { name = "long", expires_at = expiry.AddSeconds(1) });
        Assert.Equal(
            ["expires_at: out_of_range"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        var inherited = (await expiring.PostAsync("tokens-create", new { name = "same" })).Result;
        Assert.Equal(created.GetProperty("expires_at").GetString(), inherited.GetProperty("expires_at").GetString());
        _ = (await expiring.PostAsync("tokens-create", new { name = "shorter", expires_at = expiry.AddSeconds(-1) })).Result;
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once_on_every_node()
    {
        await using var otherNode = await DriftwoodApp.StartAsync(fixture.ConnectionString);
        var client = await NewClientAsync();
        var created = (await client.PostAsync("tokens-create", """{"name":"a"}""")).Result;
        var secret = created.GetProperty("token").GetString();
        Assert.Equal(HttpStatusCode.OK, (await _app.CreateClient(secret).PostAsync("me", "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await otherNode.CreateClient(secret).PostAsync("me", "{}")).Status);

        var id = created.GetProperty("id").GetGuid();
        var revoked = (await client.PostAsync("tokens-revoke", new { id })).Result.GetProperty("revoked_at").GetString();
        Assert.NotNull(revoked);
        (await _app.CreateClient(secret).PostAsync("me", "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
        (await otherNode.CreateClient(secret).PostAsync("me", "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");

        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        var again = (await client.PostAsync("tokens-revoke", new { id })).Result;
        Assert.Equal(revoked, again.GetProperty("revoked_at").GetString());
    }

    [Fact]
    public async Task Anothers_token_is_answered_like_one_that_never_was()
    {
        var mine = await NewClientAsync();
        var other = await _app.CreateAccountAsync();
        var foreign = await mine.PostAsync("tokens-revoke", new { id = other.TokenId });
        var random = Guid.NewGuid();
        var unknown = await mine.PostAsync("tokens-revoke", new { id = random });
        foreign.Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(unknown.Status, foreign.Status);
        Assert.Equal(
            unknown.Error.GetProperty("message").GetString()!.Replace(random.ToString(), "x", StringComparison.Ordinal),
            foreign.Error.GetProperty("message").GetString()!.Replace(other.TokenId.ToString(), "x", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await _app.CreateClient(other.Token).PostAsync("me", "{}")).Status);
    }

    [Fact]
    public async Task A_list_is_paged_newest_first_and_stands_still_while_tokens_are_made()
    {
        var client = await NewClientAsync();
        for (var i = 1; i <= 4; i++)
            await CreateAsync(client, $"t{i}");
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await client.PostAsync("tokens-list", new { cursor, limit = 2 })).Result;
            names.AddRange(Names(page));
            cursor = page.GetProperty("next_cursor").GetString();
            await CreateAsync(client, "late");
        }
        while (cursor is not null);
        Assert.Equal(["t4", "t3", "t2", "t1", "test"], names);
    }

    [Fact]
    public async Task A_page_that_is_exactly_full_is_the_last()
    {
        var client = await NewClientAsync();
        await CreateAsync(client, "second");
        var page = (await client.PostAsync("tokens-list", """{"limit":2}""")).Result;
        Assert.Equal(["second", "test"], Names(page));
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next_cursor").ValueKind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    [InlineData(-1)]
    public async Task A_limit_out_of_range_is_422(int limit)
    {
        var client = await NewClientAsync();
        Assert.Equal(["limit: out_of_range"], (await client.PostAsync("tokens-list", new { limit })).Details);
    }

    [Fact]
    public async Task A_cursor_that_was_touched_or_is_anothers_is_422()
    {
        var client = await NewClientAsync();
        await CreateAsync(client, "second");
        var cursor = (await client.PostAsync("tokens-list", """{"limit":1}""")).Result.GetProperty("next_cursor").GetString()!;
        var edited = cursor[..20] + (cursor[20] == 'A' ? 'B' : 'A') + cursor[21..];
        foreach (var bad in (string[])[edited, cursor[..^4], cursor + "AAAA", "", "x", "not base64!", new string('A', 5000)])
            (await client.PostAsync("tokens-list", new { cursor = bad })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        (await client.PostAsync("users-list", new { cursor })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        (await (await NewClientAsync()).PostAsync("tokens-list", new { cursor }))
            .Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
    }

    [Fact]
    public async Task Users_are_listed_for_their_own_account_only()
    {
        await _app.CreateAccountAsync();
        var account = await _app.CreateAccountAsync();
        var users = (await _app.CreateClient(account.Token).PostAsync("users-list", "{}")).Result;
        var user = Assert.Single(users.GetProperty("items").EnumerateArray());
        Assert.Equal(account.UserId, user.GetProperty("id").GetGuid());
        Assert.Equal("ingrid@fjord.example", user.GetProperty("email").GetString());
        Assert.EndsWith("Z", user.GetProperty("created_at").GetString());
    }

    private async Task<HttpClient> NewClientAsync(params string[] scopes) =>
        _app.CreateClient((await _app.CreateAccountAsync(scopes)).Token);

    /// <summary>Ids contain milliseconds. A step of the clock keeps them in the order of their creation.</summary>
    private async Task CreateAsync(HttpClient client, string name)
    {
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("tokens-create", new { name })).Status);
    }

    private static IEnumerable<string> Names(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!);
}
