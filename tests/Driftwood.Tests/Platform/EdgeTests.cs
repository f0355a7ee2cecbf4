using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Driftwood.Tests.Platform;

public sealed partial class EdgeTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Valid = """{"name":"a","ids":[]}""";
    private readonly HttpClient _client = app.CreateClient();

    [Fact]
    public async Task An_unknown_route_is_404_in_the_envelope()
    {
        var answer = (await _client.PostAsync("orders-nope", "{}")).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(answer.Header("X-Request-Id"), answer.Error.GetProperty("request_id").GetString());
        Assert.Equal("application/json; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
    }

    [Fact]
    public async Task Another_method_is_405_and_names_the_right_one()
    {
        var answer = await _client.AskAsync(new HttpRequestMessage(HttpMethod.Get, "/api/orders-check"));
        answer.Expect(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["POST"], answer.ContentHeaders.Allow);
    }

    [Fact]
    public async Task The_callers_request_id_is_used_everywhere()
    {
        var answer = await _client.PostAsync("orders-fail", Valid, ("X-Request-Id", "abc-123/x"));
        Assert.Equal("abc-123/x", answer.Header("X-Request-Id"));
        Assert.Equal("abc-123/x", answer.Error.GetProperty("request_id").GetString());
        await app.Logs.WaitForAsync(line => line.EventId == 1000 && line.Text.EndsWith("request abc-123/x", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("tab\there")]
    public async Task An_unusable_request_id_is_replaced(string id) => await AssertReplacedAsync(id);

    [Fact]
    public async Task An_overlong_request_id_is_replaced() => await AssertReplacedAsync(new string('x', 129));

    [Fact]
    public async Task A_bug_is_500_without_its_text_and_logged_with_it()
    {
        var answer = (await _client.PostAsync("failures-bug", "{}")).Expect(HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        Assert.Contains(app.Logs.Lines, line => line is { EventId: 1001, Level: LogLevel.Error });
    }

    [Fact]
    public async Task A_lost_database_is_503_with_a_time_to_come_back()
    {
        var answer = await _client.PostAsync("failures-database", "{}");
        answer.Expect(HttpStatusCode.ServiceUnavailable, "database_unavailable");
        Assert.Equal("5", answer.Header("Retry-After"));
    }

    [Fact]
    public async Task Every_request_leaves_one_line_with_the_account_and_no_payload()
    {
        await _client.PostAsync("orders-check", """{"name":"xyzzy","ids":[]}""", ("X-Request-Id", "one-line"));
        // The line is written after the answer, which the caller may have before.
        await app.Logs.WaitForAsync(line => line.Text.EndsWith("request one-line", StringComparison.Ordinal));
        var line = Assert.Single(app.Logs.Lines, line => line.Text.EndsWith("request one-line", StringComparison.Ordinal));
        Assert.Matches(AnsweredLine(), line.Text);
        Assert.Contains(app.Account.AccountId.ToString(), line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, l => l.Text.Contains("xyzzy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_are_neither_sniffed_nor_stored()
    {
        var answer = await _client.PostAsync("orders-check", Valid);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Null(answer.Header("Server"));
    }

    [Fact]
    public async Task A_handler_may_write_its_own_answer()
    {
        var answer = await _client.PostAsync("orders-file", "");
        Assert.Equal("a,b\n1,2\n", answer.Text);
        Assert.Equal("text/csv", answer.ContentHeaders.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_is_no_failure()
    {
        using var hangUp = new CancellationTokenSource();
        var gate = app.Services.GetRequiredService<Gate>();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders-create")
        {
            Content = new StringContent("""{"name":"wait","ids":[]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Request-Id", "hung-up");
        var asked = _client.SendAsync(request, hangUp.Token);
        await gate.Entered.Task;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        var line = await app.Logs.WaitForAsync(l => l.Text.EndsWith("request hung-up", StringComparison.Ordinal));
        Assert.Contains("answered 499", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_breaks_HTTP_is_400_in_the_envelope()
    {
        var address = _client.BaseAddress!;
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        var request = "POST /api/orders-check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + $"Authorization: Bearer {app.Account.Token}\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(connection.GetStream());
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"bad_request\"", answer, StringComparison.Ordinal);
    }

    private async Task AssertReplacedAsync(string id)
    {
        var answer = await _client.PostAsync("orders-check", Valid, ("X-Request-Id", id));
        Assert.True(Guid.TryParse(answer.Header("X-Request-Id"), out _));
    }

    [GeneratedRegex("^orders-check answered 200 in [0-9.]+ ms, account [0-9a-f-]{36}, request one-line$")]
    private static partial Regex AnsweredLine();
}
