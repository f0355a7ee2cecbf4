using System.Net;

namespace Driftwood.Tests.Platform;

public sealed class OriginsAndProxiesTests(PostgresServer server) : IAsyncDisposable
{
    private const string Origin = "https://app.example.com";

    private readonly TemporaryDatabase _database = new(server);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scripts_of_an_allowed_origin_may_call_and_read_answers_and_refusals()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString, [("Driftwood:CorsOrigins:0", Origin)]);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/imports-confirm");
        preflight.Headers.Add("Origin", Origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
        using var allowed = await app.CreateClient().SendAsync(preflight, CancellationToken);
        Assert.Equal(
            (HttpStatusCode.NoContent, Origin, "authorization,content-type,idempotency-key", "3600"),
            (allowed.StatusCode, Header(allowed, "Access-Control-Allow-Origin"), Header(allowed, "Access-Control-Allow-Headers"),
                Header(allowed, "Access-Control-Max-Age")));
        Assert.Contains("POST", Header(allowed, "Access-Control-Allow-Methods"), StringComparison.Ordinal);

        var token = (await app.CreateAccountAsync()).Token;
        foreach (var (client, status) in new[]
            { (app.CreateClient(token), HttpStatusCode.OK), (app.CreateClient(), HttpStatusCode.Unauthorized) })
        {
            var answer = await client.PostAsync("me", "{}", ("Origin", Origin));
            Assert.Equal((status, Origin), (answer.Status, answer.Header("Access-Control-Allow-Origin")));
            Assert.Contains("Retry-After", answer.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }

        Assert.Null((await app.CreateClient(token).PostAsync("me", "{}", ("Origin", "https://evil.example")))
            .Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Without_the_setting_no_origin_is_allowed()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        var answer = await app.CreateClient((await app.CreateAccountAsync()).Token).PostAsync("me", "{}", ("Origin", Origin));
        Assert.Null(answer.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_signed_URL_does_not_follow_a_Host_header_that_anybody_can_write()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        using var client = app.CreateClient((await app.CreateAccountAsync()).Token);
        var address = client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(address, await SignedAsync(client, ("Host", "evil.example")));
        Assert.Equal(address, await SignedAsync(client, ("X-Forwarded-Host", "evil.example")));
        var local = $"localhost:{client.BaseAddress.Port}";
        Assert.Equal($"http://{local}", await SignedAsync(client, ("Host", local)));
    }

    [Fact]
    public async Task Only_a_trusted_proxy_says_the_scheme()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        using var client = app.CreateClient((await app.CreateAccountAsync()).Token);
        Assert.StartsWith("http://", await SignedAsync(client, ("X-Forwarded-Proto", "https")), StringComparison.Ordinal);

        await using var behind = await DriftwoodApp.StartAsync(
            _database.ConnectionString, [("Driftwood:TrustedProxies:0", "127.0.0.0/8"), ("Driftwood:TrustedProxies:1", "::1")]);
        using var proxied = behind.CreateClient((await behind.CreateAccountAsync()).Token);
        var signed = await SignedAsync(proxied, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9"));
        Assert.StartsWith("https://", signed, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<string> SignedAsync(HttpClient client, params (string, string)[] headers)
    {
        var answer = await client.PostAsync(
            "imports-request-upload", """{"model_type": "contacts", "file_name": "a.csv", "content_type": "text/csv"}""", headers);
        return new Uri(answer.Result.GetProperty("signed_url").GetString()!).GetLeftPart(UriPartial.Authority);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
