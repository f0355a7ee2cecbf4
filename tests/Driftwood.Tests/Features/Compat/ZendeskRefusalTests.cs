using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Driftwood.Api.Features.Compat;
using Driftwood.Api.Features.Compat.Zendesk;
using Driftwood.Api.Platform.Errors;
using Driftwood.Tests.Features.Imports;
using Microsoft.AspNetCore.Http;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests who is let in, and how everybody else is refused.</summary>
public sealed class ZendeskRefusalTests(ZendeskApp app) : IClassFixture<ZendeskApp>
{
    private const string Path = "/api/v2/job_statuses";
    private const string Unauthenticated = """{"error":"Couldn't authenticate you"}""";
    private const string NotFound = """{"error":"RecordNotFound","description":"Not found"}""";

    private static readonly object Job = new { job = new { action = "create", items = new[] { new { name = "Tesla" } } } };

    [Theory]
    [InlineData("Basic", "ann@example.com/token:{0}", 200)]
    [InlineData("basic", "/token:{0}", 200)]
    [InlineData("Basic", "ann@example.com:{0}", 401)]
    [InlineData("Basic", "ann@example.com/token:x:{0}", 401)]
    [InlineData("Basic", "ann:x/token:{0}", 401)]
    [InlineData("Basic", "ann@example.com/token:", 401)]
    [InlineData("Basic", "{0}", 401)]
    public async Task Basic_credentials_are_an_address_with_token_and_the_token(string scheme, string credentials, int status)
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateStranger();
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Format(null, credentials, account.Token)));
        var answer = await client.SendAsync("GET", Path, null, ("Authorization", $"{scheme} {text}"));
        if (status == 401) answer.Expect(401, Unauthenticated);
        else Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic")]
    [InlineData("Basic ***")]
    [InlineData("Bearer")]
    [InlineData("Bearer dw_x")]
    [InlineData("Token {0}")]
    [InlineData("{0}")]
    public async Task Other_credentials_are_refused(string? header)
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateStranger();
        (string, string)[] headers = header is null ? [] : [("Authorization", string.Format(null, header, account.Token))];
        (await client.SendAsync("GET", Path, null, headers)).Expect(401, Unauthenticated);
        (await client.SendAsync("POST", ZendeskSteps.Jobs, "not JSON", headers)).Expect(401, Unauthenticated);
        var bearer = await client.SendAsync("GET", Path, null, ("Authorization", $"Bearer {account.Token}"));
        Assert.Equal(HttpStatusCode.OK, bearer.Status);
    }

    [Fact]
    public async Task A_scope_is_needed_as_natively()
    {
        using var reader = app.CreateClient(await app.CreateAccountAsync("read"));
        (await reader.SendAsync("POST", ZendeskSteps.Jobs, Job)).Expect(
            403,
            """{"error":"Forbidden","description":"This needs a token with the scope bulk, bulk:delete or write; this one has: read."}""");
        Assert.Equal(HttpStatusCode.OK, (await reader.SendAsync("GET", Path)).Status);
        using var writer = app.CreateClient(await app.CreateAccountAsync("write"));
        (await writer.SendAsync("GET", Path)).Expect(
            403, """{"error":"Forbidden","description":"This needs a token with the scope read; this one has: write."}""");
    }

    [Fact]
    public async Task The_routes_are_off_but_for_the_accounts_of_the_setting()
    {
        var (on, off) = (await app.CreateAccountAsync(), await app.CreateAccountAsync());
        var readOnly = await app.CreateAccountAsync("read");
        await using var some = await DriftwoodApp.StartAsync(
            app.ConnectionString, [("Driftwood:Compat:Zendesk:Accounts", $"{Guid.NewGuid()}, {on.AccountId}")]);
        using var client = some.CreateClient(on.Token);
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync("GET", Path)).Status);
        using var refused = some.CreateClient(off.Token);
        foreach (var path in new[] { Path, $"{Path}/show_many", $"{Path}/7", ZendeskSteps.Records, $"{ZendeskSteps.Records}/7" })
        {
            (await refused.SendAsync("GET", path)).Expect(404, NotFound);
        }

        (await refused.SendAsync("POST", ZendeskSteps.Jobs, "not JSON")).Expect(404, NotFound);
        using var unscoped = some.CreateClient(readOnly.Token);
        (await unscoped.SendAsync("POST", ZendeskSteps.Jobs, Job)).Expect(404, NotFound);
        using var stranger = some.CreateClient();
        (await stranger.SendAsync("GET", Path)).Expect(401, Unauthenticated);
        await using var none = await DriftwoodApp.StartAsync(app.ConnectionString);
        using var everybody = none.CreateClient(on.Token);
        (await everybody.SendAsync("GET", Path)).Expect(404, NotFound);
    }

    [Fact]
    public async Task What_is_not_JSON_is_400()
    {
        using var client = await app.CreateCarsAsync();
        (await client.SendAsync("POST", ZendeskSteps.Jobs, "{\"job\": ")).Expect(
            400, """{"error":"InvalidJSON","description":"The body is not JSON: line 1, byte 9."}""");
        (await client.SendAsync("POST", ZendeskSteps.Jobs)).Expect(
            400, """{"error":"InvalidJSON","description":"The body is empty: expected a JSON object."}""");
    }

    // node-zendesk takes 413 and 415 for a success.
    [Fact]
    public async Task Neither_413_nor_415_is_sent()
    {
        using var client = await app.CreateCarsAsync();
        const string TooLarge = "base: The body is larger than the 8388608 bytes this route takes.";
        var large = JsonSerializer.Serialize(Job) + new string(' ', 9_000_000);
        Assert.Equal([TooLarge], (await client.SendAsync("POST", ZendeskSteps.Jobs, large)).Faults());
        var chunked = await PostAsync(client, large, "application/json", isChunked: true);
        Assert.Equal(["base: The body is larger than this route takes."], chunked.Faults());
        string?[] types = ["text/plain", "application/vnd.api+json", "multipart/form-data", "application/json; charset=utf-16", null];
        foreach (var type in types)
        {
            var expected = $"base: Found Content-Type \"{type}\", expected application/json in UTF-8.";
            Assert.Equal([expected], (await PostAsync(client, JsonSerializer.Serialize(Job), type)).Faults());
        }

        var compressed = await PostAsync(client, JsonSerializer.Serialize(Job), "application/json", encoding: "gzip");
        Assert.Equal(["base: Found Content-Encoding \"gzip\", expected none."], compressed.Faults());
    }

    [Fact]
    public void Every_status_that_the_client_takes_for_a_success_is_replaced()
    {
        var dialect = new ZendeskDialect(CompatAccounts.Read("*"));
        int[] known = [400, 401, 403, 404, 405, 409, 422, 429, 500, 503];
        foreach (var status in Enumerable.Range(400, 200))
        {
            var http = new DefaultHttpContext();
            var failure = new ApiException(ErrorCodes.BadRequest, "x")
            {
                Status = status,
                RetryAfter = TimeSpan.FromMinutes(2),
            };
            var answer = dialect.RefusalOf(failure, http);
            Assert.Equal(known.Contains(status) ? status : status < 500 ? 422 : 500, answer.Status);
            Assert.Equal(status is 429 or 503 ? "5" : "", http.Response.Headers.RetryAfter.ToString());
            var error = JsonDocument.Parse(answer.Body).RootElement.GetProperty("error");
            Assert.Equal(JsonValueKind.String, error.ValueKind);
        }
    }

    [Fact]
    public async Task The_next_job_is_refused_once_the_account_has_as_many_as_it_may()
    {
        using var client = await app.CreateCarsAsync();
        List<Guid> pending = [];
        for (var n = 0; n < 3; n++)
        {
            pending.Add((await client.PostAsync("bulk-jobs-create", new
            {
                entity_type = "contacts",
                operation = "delete",
                entity_ids = new[] { Guid.CreateVersion7() },
                start = false,
            })).Result.Id());
        }

        var refused = await client.SendAsync("POST", ZendeskSteps.Jobs, Job);
        refused.Expect(429, """{"error":"TooManyJobs","description":"Too many jobs are currently queued or running. Try again later."}""");
        Assert.Equal("5", refused.Header("Retry-After"));
        // Jobs can be watched all the same.
        for (var n = 0; n < 20; n++) _ = await client.ReadAsync($"{Path}/{pending[0]}");
        _ = (await client.PostAsync("bulk-jobs-cancel", new { id = pending[0] })).Result;
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync("POST", ZendeskSteps.Jobs, Job)).Status);
    }

    [Fact]
    public async Task A_key_makes_one_job_of_a_repeated_request()
    {
        using var client = await app.CreateCarsAsync();
        var key = ("Idempotency-Key", "k-1");
        var first = await client.SendAsync("POST", ZendeskSteps.Jobs, Job, key);
        Assert.Equal(HttpStatusCode.Created, first.Status);
        _ = await client.WatchAsync(first.Body.GetProperty("job_status").Text("id"));
        var second = await client.SendAsync("POST", ZendeskSteps.Jobs, Job, key);
        Assert.Equal(["Created", first.Text, "true"], [$"{second.Status}", second.Text, second.Header("Idempotent-Replayed")]);
        Assert.Equal(1, (await client.ReadAsync(Path)).GetProperty("job_statuses").GetArrayLength());
        var other = new { job = new { action = "delete", items = new[] { Guid.CreateVersion7() } } };
        foreach (var (path, body) in new[] { (ZendeskSteps.Jobs, other), ($"{ZendeskSteps.Jobs}.json", Job) })
        {
            var mismatch = await client.SendAsync("POST", path, body, key);
            Assert.Equal(["base: This Idempotency-Key was used for another request; take a new key for a new request."], mismatch.Faults());
        }

        var bad = await client.SendAsync("POST", ZendeskSteps.Jobs, Job, ("Idempotency-Key", ""));
        Assert.Equal(["Idempotency-Key: Found 0 characters, expected 1 to 255, printable ASCII."], bad.Faults());
    }

    [Fact]
    public async Task Two_requests_with_one_key_make_one_job()
    {
        using var client = await app.CreateCarsAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => client.SendAsync("POST", ZendeskSteps.Jobs, Job, ("Idempotency-Key", "k"))));
        Assert.All(answers, answer => Assert.Contains((int)answer.Status, new[] { 201, 409 }));
        Assert.Single(answers.Where(answer => answer.Status == HttpStatusCode.Created).Select(answer => answer.Text).Distinct());
        const string Running = "A request with this Idempotency-Key is still running; its answer can be had later.";
        Assert.All(
            answers.Where(answer => answer.Status == HttpStatusCode.Conflict),
            answer => answer.Expect(409, $$"""{"error":"Conflict","description":"{{Running}}"}"""));
        Assert.Equal(1, (await client.ReadAsync(Path)).GetProperty("job_statuses").GetArrayLength());
    }

    [Theory]
    [InlineData("POST", "/api/v2/custom_objects/car/records", 405)]
    [InlineData("DELETE", "/api/v2/job_statuses/7", 405)]
    [InlineData("GET", "/api/v2/custom_objects/car/jobs", 405)]
    [InlineData("GET", "/api/v2/custom_objects", 404)]
    [InlineData("GET", "/api/v2/custom_objects/car/records/7/attachments.json", 404)]
    public async Task Routes_that_are_not_served_say_so(string method, string path, int status)
    {
        using var client = await app.CreateCarsAsync();
        var answer = await client.SendAsync(method, path, method == "POST" ? "{}" : null);
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(JsonValueKind.Object, answer.Body.GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task A_public_address_begins_all_links()
    {
        await using var behind = await DriftwoodApp.StartAsync(
            app.ConnectionString,
            [("Driftwood:Compat:Zendesk:Accounts", "*"), ("Driftwood:PublicUrl", "https://drift.example/base/")]);
        var account = await behind.CreateAccountAsync();
        using var client = behind.CreateClient(account.Token);
        await client.MakeCarsAsync();
        var job = await client.FinishAsync("create", [new { name = "A" }, new { name = "B" }]);
        Assert.Equal($"https://drift.example/base/api/v2/job_statuses/{job.Text("id")}.json", job.Text("url"));
        var list = await client.ReadAsync($"{ZendeskSteps.Records}?page[size]=1");
        Assert.StartsWith(
            "https://drift.example/base/api/v2/custom_objects/car/records.json?page[after]=",
            list.GetProperty("links").Text("next"), StringComparison.Ordinal);
        var record = list.GetProperty("custom_object_records")[0];
        Assert.Equal($"https://drift.example/base/api/v2/custom_objects/car/records/{record.Text("id")}.json", record.Text("url"));
    }

    [Fact]
    public async Task A_database_that_is_away_is_503()
    {
        // Port 1 is reserved and nothing listens there.
        await using var cutOff = await DriftwoodApp.StartAsync(
            "Host=127.0.0.1;Port=1;Database=x;Username=x",
            [
                ("Driftwood:MigrateAtStart", "false"),
                ("Driftwood:Role", "api"),
                ("Driftwood:Jobs:Engine", "in_process"),
                ("Driftwood:Compat:Zendesk:Accounts", "*"),
            ]);
        using var client = cutOff.CreateClient("dw_anything");
        var answer = await client.SendAsync("GET", Path);
        answer.Expect(503, """{"error":"ServiceUnavailable","description":"The database cannot be reached at the moment."}""");
        Assert.Equal("5", answer.Header("Retry-After"));
    }

    private static async Task<Answer> PostAsync(
        HttpClient client, string body, string? type, bool isChunked = false, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ZendeskSteps.Jobs);
        var bytes = Encoding.UTF8.GetBytes(body);
        if (encoding is not null)
        {
            using var compressed = new MemoryStream();
            await using (var gzip = new GZipStream(compressed, CompressionMode.Compress, leaveOpen: true)) gzip.Write(bytes);
            bytes = compressed.ToArray();
        }

        request.Content = new ByteArrayContent(bytes);
        if (type is not null) request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null) request.Content.Headers.ContentEncoding.Add(encoding);
        if (isChunked) request.Headers.TransferEncodingChunked = true;
        return await client.AskAsync(request);
    }
}
