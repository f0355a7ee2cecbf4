using System.Net;
using System.Text;
using Driftwood.Api.Features.Compat;
using Driftwood.Api.Features.Compat.Knock;
using Driftwood.Api.Platform.Errors;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Microsoft.AspNetCore.Http;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests the refusals that Knock's clients read, repeated requests, and limits.</summary>
public sealed class KnockRefusalTests(KnockApp app, PostgresServer server) : IClassFixture<KnockApp>
{
    private const string Users = """{"users":[{"id":"u1"}]}""";

    [Fact]
    public async Task Tokens_come_before_the_service_and_the_service_before_scopes()
    {
        await using var database = new TemporaryDatabase(server);
        await using var off = await DriftwoodApp.StartAsync(database.ConnectionString);
        await ExpectAsync(off.CreateClient(), 401, "authentication_required", "authentication_error");
        await ExpectAsync(off.CreateClient("dw_wrong"), 401, "api_key_missing", "authentication_error");
        var reader = await off.CreateAccountAsync("read");
        await ExpectAsync(off.CreateClient(reader.Token), 404, "resource_missing", "invalid_request_error");

        using var allowed = app.CreateClient(await app.CreateAccountAsync("read"));
        await ExpectAsync(allowed, 403, "authorization", "authentication_error");
        Assert.Equal(HttpStatusCode.OK, (await allowed.KnockAsync("GET", "users")).Status);
        using var stranger = app.CreateStranger();
        var basic = await stranger.KnockAsync("POST", "users/bulk/identify", Users, ("Authorization", "Basic abc"));
        Assert.Equal("api_key_missing", basic.Body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_is_not_JSON_is_refused()
    {
        using var client = await app.CreateClientAsync();
        await ExpectAsync(client, 400, "invalid_json", "invalid_request_error", "{\"users\":");
        await ExpectAsync(client, 422, "invalid_params", "invalid_request_error", "[]");
    }

    [Theory]
    [InlineData("InvalidState", 409, "invalid_state", "invalid_request_error", "false", null)]
    [InlineData("CountMismatch", 409, "count_mismatch", "invalid_request_error", "false", null)]
    [InlineData("RequestInProgress", 409, "request_in_progress", "idempotency_error", null, null)]
    [InlineData("IdempotencyMismatch", 422, "idempotency_mismatch", "idempotency_error", null, null)]
    [InlineData("TooManyJobs", 429, "too_many_jobs", "rate_limit_error", null, "1")]
    [InlineData("RateLimited", 429, "rate_limited", "rate_limit_error", null, "1")]
    [InlineData("DatabaseUnavailable", 503, "unavailable", "api_error", null, "5")]
    [InlineData("DatabaseBusy", 503, "unavailable", "api_error", null, "5")]
    [InlineData("InternalError", 500, "internal_error", "api_error", null, null)]
    public void Each_failure_has_the_form_that_the_client_reads(
        string name, int status, string code, string type, string? shouldRetry, string? retryAfter)
    {
        var error = (ErrorCode)typeof(ErrorCodes).GetField(name)!.GetValue(null)!;
        var http = new DefaultHttpContext();
        var answer = new KnockDialect(CompatAccounts.Read("*")).RefusalOf(
            new ApiException(error, "Why.") { RetryAfter = TimeSpan.FromSeconds(30) }, http);
        Assert.Equal(status, answer.Status);
        Assert.Equal(
            $$"""{"code":"{{code}}","message":"Why.","status":{{status}},"type":"{{type}}"}""", Encoding.UTF8.GetString(answer.Body));
        Assert.Equal(shouldRetry, http.Response.Headers["x-should-retry"].SingleOrDefault());
        Assert.Equal(retryAfter, http.Response.Headers.RetryAfter.SingleOrDefault());
    }

    [Fact]
    public async Task The_same_key_gets_the_first_answer_again_and_makes_one_job()
    {
        using var client = await app.CreateClientAsync();
        var key = ("Idempotency-Key", "stainless-node-retry-1");
        await client.RunKnockAsync("tenants/bulk/set", """{"tenants":["a","b"]}""");
        var first = await client.KnockAsync("POST", "tenants/bulk/delete?tenant_ids[]=a", null, key);
        var second = await client.KnockAsync("POST", "tenants/bulk/delete?tenant_ids[]=a", null, key);
        Assert.Equal(first.Text, second.Text);
        Assert.Null(first.Header("Idempotent-Replayed"));
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
        var other = await client.KnockAsync("POST", "tenants/bulk/delete?tenant_ids[]=b", null, key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal("idempotency_mismatch idempotency_error", $"{other.Body.GetProperty("code")} {other.Body.GetProperty("type")}");
        Assert.Equal(2, (await client.PostAsync("bulk-jobs-list", new { })).Result.GetProperty("items").GetArrayLength());

        // The second time the tenant exists, and the request would be translated without a name.
        var set = ("Idempotency-Key", "stainless-node-retry-2");
        var made = await client.KnockAsync("POST", "tenants/bulk/set", """{"tenants":["c"]}""", set);
        await client.FinishJobAsync(made.Body.GetProperty("id").GetGuid());
        Assert.Equal(made.Text, (await client.KnockAsync("POST", "tenants/bulk/set", """{"tenants":["c"]}""", set)).Text);
    }

    [Fact]
    public async Task With_thirty_jobs_the_next_one_is_refused()
    {
        using var client = await app.CreateClientAsync();
        for (var n = 0; n < 30; n++)
        {
            _ = (await client.PostAsync(
                "bulk-jobs-create",
                new { entity_type = "contacts", operation = "delete", external_ids = new[] { "a" }, start = false })).Result;
        }

        var refused = await ExpectAsync(client, 429, "too_many_jobs", "rate_limit_error");
        Assert.Equal("1", refused.Header("Retry-After"));
    }

    [Fact]
    public async Task Each_account_has_its_own_second_of_requests_to_each_route_and_repeated_ones_count()
    {
        await using var database = new TemporaryDatabase(server);
        await using var limited = await DriftwoodApp.StartAsync(database.ConnectionString, [("Driftwood:Compat:Knock:Accounts", "*")]);
        using var client = limited.CreateClient((await limited.CreateAccountAsync()).Token);
        using var other = limited.CreateClient((await limited.CreateAccountAsync()).Token);
        var key = ("Idempotency-Key", "k");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => client.KnockAsync("POST", "users/bulk/identify", Users, key)));
        var refused = answers.Where(answer => (int)answer.Status == 429).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.Equal(
            "rate_limited 1 1 0 1",
            $"{answer.Body.GetProperty("code").GetString()} {answer.Header("Retry-After")} {answer.Header("RateLimit-Limit")} "
            + $"{answer.Header("RateLimit-Remaining")} {answer.Header("RateLimit-Reset")}"));
        Assert.Equal(HttpStatusCode.OK, (await other.KnockAsync("POST", "users/bulk/identify", Users)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.KnockAsync("POST", "users/bulk/delete", """{"user_ids":["u1"]}""")).Status);
        var read = await client.KnockAsync("GET", "users");
        Assert.Equal(
            "200 199 1", $"{read.Header("RateLimit-Limit")} {read.Header("RateLimit-Remaining")} {read.Header("RateLimit-Reset")}");
        Assert.Equal("500", (await client.PostAsync("contacts-list", new { })).Header("RateLimit-Limit"));
        var later = await Eventually.GetAsync(
            async () =>
            {
                var answer = await client.KnockAsync("POST", "users/bulk/identify", Users, key);
                return (answer.Status, Replayed: answer.Header("Idempotent-Replayed"));
            },
            answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("true", later.Replayed);
    }

    private static async Task<Answer> ExpectAsync(HttpClient client, int status, string code, string type, string body = Users)
    {
        var answer = await client.KnockAsync("POST", "users/bulk/identify", body);
        Assert.Equal(
            (status, code, type, status),
            ((int)answer.Status, answer.Body.GetProperty("code").GetString(), answer.Body.GetProperty("type").GetString(),
                answer.Body.GetProperty("status").GetInt32()));
        Assert.NotEmpty(answer.Body.GetProperty("message").GetString()!);
        return answer;
    }
}
