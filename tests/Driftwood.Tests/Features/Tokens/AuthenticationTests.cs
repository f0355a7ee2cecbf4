using System.Net;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Tokens;

public sealed class AuthenticationTests(TokensApp fixture) : IClassFixture<TokensApp>
{
    private readonly DriftwoodApp _app = fixture.App;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_refuses_a_request_without_a_token_before_it_reads_the_body()
    {
        string[] routes =
            ["me", "account-settings-get", "account-settings-update", "tokens-create", "tokens-list", "tokens-revoke", "users-list"];
        foreach (var route in routes)
        {
            var answer = (await _app.CreateClient().PostAsync(route, "{ no json")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
            Assert.Equal("Bearer", answer.Header("WWW-Authenticate"));
        }
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer dw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer x")]
    [InlineData("dw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_header_that_names_no_known_token_is_401(string header) =>
        (await _app.CreateClient().PostAsync("me", "{}", ("Authorization", header)))
            .Expect(HttpStatusCode.Unauthorized, "unauthenticated");

    [Fact]
    public async Task Me_says_who_the_token_speaks_for()
    {
        var account = await _app.CreateAccountAsync("read");
        Assert.Equal(
            $$$"""{"account":{"id":"{{{account.AccountId}}}","name":"Fjord"},"user":{"id":"{{{account.UserId}}}","name":"Ingrid", """.Trim()
            + $$$""" "email":"ingrid@fjord.example"},"token":{"id":"{{{account.TokenId}}}","name":"test","scopes":["read"]}}""".Trim(),
            (await _app.CreateClient(account.Token).PostAsync("me", "")).Result.GetRawText());
    }

    [Fact]
    public async Task Me_takes_no_members()
    {
        var account = await _app.CreateAccountAsync();
        var answer = await _app.CreateClient(account.Token).PostAsync("me", """{"id":1}""");
        Assert.Equal(["id: unknown_member"], answer.Details);
    }

    [Theory]
    [InlineData("read", "tokens-list", HttpStatusCode.Forbidden)]
    [InlineData("write", "users-list", HttpStatusCode.Forbidden)]
    [InlineData("write", "me", HttpStatusCode.Forbidden)]
    [InlineData("admin", "tokens-list", HttpStatusCode.OK)]
    public async Task A_token_does_what_its_scopes_allow(string scope, string route, HttpStatusCode expected)
    {
        var account = await _app.CreateAccountAsync(scope);
        var answer = await _app.CreateClient(account.Token).PostAsync(route, "{}");
        Assert.Equal(expected, answer.Status);
        if (expected == HttpStatusCode.Forbidden)
            answer.Expect(expected, "forbidden");
    }

    [Fact]
    public async Task Only_the_hash_of_a_token_is_stored()
    {
        var account = await _app.CreateAccountAsync();
        Assert.Matches("^dw_[A-Za-z0-9_-]{43}$", account.Token);
        await using var scope = _app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DriftwoodDb>();
        var stored = await db.Tokens.SingleAsync(t => t.Id == account.TokenId, CancellationToken);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(account.Token)), stored.SecretSha256);
    }

    [Fact]
    public async Task A_disabled_account_is_refused()
    {
        var account = await _app.CreateAccountAsync();
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DriftwoodDb>().Accounts
            .Where(a => a.Id == account.AccountId)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.DisabledAt, fixture.Clock.GetUtcNow()), CancellationToken);
        (await _app.CreateClient(account.Token).PostAsync("me", "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task The_last_use_is_noted_once_a_minute()
    {
        var account = await _app.CreateAccountAsync();
        var client = _app.CreateClient(account.Token);
        var first = await LastUseAfterRequestAsync(client, account);
        Assert.Equal(fixture.Clock.GetUtcNow(), first);
        fixture.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(first, await LastUseAfterRequestAsync(client, account));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first + TimeSpan.FromMinutes(1), await LastUseAfterRequestAsync(client, account));
    }

    private async Task<DateTimeOffset?> LastUseAfterRequestAsync(HttpClient client, TestAccount account)
    {
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("me", "{}")).Status);
        await using var scope = _app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<DriftwoodDb>().Tokens
            .Where(t => t.Id == account.TokenId).Select(t => t.LastUsedAt).SingleAsync(CancellationToken);
    }
}
