using System.Buffers.Text;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Platform;

/// <summary>Requests that no client sends by mistake. Each is refused as the caller's fault, at a price that its bytes bound.</summary>
public sealed class HostileRequestTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Theory]
    [InlineData("""{"\ud800x": 1}""")]
    [InlineData("""{"entity_type": "contacts", "\ud800x": 1, "operation": "delete"}""")]
    [InlineData("""{"entity_type": "contacts", "operation": "create", "items": [{"\ud800x": 1}]}""")]
    [InlineData("""{"entity_type": "contacts", "operation": "update", "params": {"fields": {"\udc00": null}}, "entity_ids": []}""")]
    public async Task A_name_with_half_a_surrogate_pair_is_422(string body)
    {
        using var client = await app.CreateClientAsync();
        (await client.PostAsync("bulk-jobs-create", body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData(null)] // seventy lists in each other
    public async Task More_problems_than_are_told_hide_no_worse_one(string? worse)
    {
        worse ??= new string('[', 70) + new string(']', 70);
        using var client = await app.CreateClientAsync();
        var ids = string.Join(", ", Enumerable.Repeat("1", 150));
        var refused = await client.PostAsync(
            "bulk-jobs-create",
            $$"""{"entity_ids": [{{ids}}], "entity_type": "contacts", "operation": "delete", "params": {"x": {{worse}} } }""");
        refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(100, refused.Details.Length);
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("8000000000000000")]
    [InlineData("zz")]
    public async Task A_chunk_whose_size_is_no_size_is_400(string size)
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        using var connection = new TcpClient();
        await connection.ConnectAsync(client.BaseAddress!.Host, client.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = connection.GetStream();
        var request = $"POST /api/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.Token}\r\nContent-Type: application/json\r\n"
            + $"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n{size}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bulk-jobs-list")]
    [InlineData("imports-list")]
    [InlineData("tokens-list")]
    [InlineData("users-list")]
    public async Task A_cursor_with_a_right_checksum_and_a_wrong_position_is_422(string route)
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var position = Encoding.UTF8.GetBytes("no id");
        var scope = Encoding.UTF8.GetBytes($"{account.AccountId:N}\n{route}\n");
        var checksum = SHA256.HashData([.. scope, .. position]).AsSpan(0, 6);
        var cursor = Base64Url.EncodeToString([.. checksum, .. position]);
        (await client.PostAsync(route, new { cursor })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
    }

    [Fact]
    public async Task A_million_items_are_counted_before_they_are_read()
    {
        using var client = await app.CreateClientAsync();
        var items = string.Join(",", Enumerable.Repeat("{}", 1_000_000));
        var body = $$"""{"entity_type": "contacts", "operation": "create", "items": [{{items}}]}""";
        var before = GC.GetTotalAllocatedBytes();
        var refused = await client.PostAsync("bulk-jobs-create", body);
        Assert.Equal(["items: out_of_range"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        // The server is in this process: the body, its copies of the client, and the tokens of the document.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 150_000_000);
    }

    [Fact]
    public async Task The_description_is_made_once_and_served_compressed_with_a_tag()
    {
        using var client = app.CreateStranger();
        using var first = await client.GetAsync("/swagger/v1/swagger.json", TestContext.Current.CancellationToken);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/swagger/v1/swagger.json");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await client.AskAsync(again)).Status);
        using var small = new HttpRequestMessage(HttpMethod.Get, "/swagger/v1/swagger.json");
        small.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await client.SendAsync(small, TestContext.Current.CancellationToken);
        Assert.Equal("gzip", answer.Content.Headers.ContentEncoding.Single());
        await using var unpacked = new GZipStream(
            await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress);
        using var text = new StreamReader(unpacked);
        Assert.Equal(
            await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            await text.ReadToEndAsync(TestContext.Current.CancellationToken));
    }
}
