using System.IO.Compression;
using System.Net;
using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>
/// imports-complete-upload refuses files that are not tables, and gives the reason. Another file may then take their place.
/// </summary>
public sealed class UnreadableFileTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public Task An_empty_file() => RefusedAsync([], "empty_file");

    [Fact]
    public Task A_file_of_line_breaks() => RefusedAsync("\n\r\n \n"u8.ToArray(), "empty_file");

    [Fact]
    public Task A_byte_order_mark_and_nothing_else() => RefusedAsync([0xEF, 0xBB, 0xBF], "empty_file");

    [Fact]
    public Task A_header_without_rows() => RefusedAsync("email,phone\n"u8.ToArray(), "no_rows");

    [Fact]
    public Task Nothing_but_zeros() => RefusedAsync(new byte[1_000_000], "not_text");

    [Fact]
    public Task A_picture() => RefusedAsync(
        [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, .. "IHDR"u8, .. new byte[500]], "not_text");

    [Fact]
    public Task A_workbook() => RefusedAsync([.. "PK\x03\x04"u8, .. new byte[500]], "not_text");

    [Fact]
    public Task Random_bytes() => RefusedAsync([.. Enumerable.Range(0, 10_000).Select(n => (byte)(n * 7919 >> 3))], "not_text");

    [Fact]
    public Task A_header_of_too_many_columns() =>
        RefusedAsync(Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(1, 2_000)) + "\n1,2\n"), "too_many_columns");

    [Fact]
    public Task A_header_that_is_too_long() =>
        RefusedAsync(Encoding.UTF8.GetBytes(new string('a', 1_100_000) + "\n1\n"), "unreadable_header");

    [Fact]
    public Task A_header_with_an_unclosed_quote() => RefusedAsync("\"email,phone\na@example.com,1\n"u8.ToArray(), "unreadable_header");

    [Fact]
    public Task Gzip_that_ends_too_early() =>
        RefusedAsync(
        Gzip("email\n" + string.Concat(Enumerable.Range(1, 9_000).Select(n => $"{n}@example.com\n")))[..9_000], "broken_compression");

    [Fact]
    public Task Gzip_that_is_garbage() =>
        RefusedAsync([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, .. "this is not deflated"u8], "broken_compression");

    [Fact]
    public Task Gzip_of_nothing() => RefusedAsync(Gzip(""), "empty_file");

    [Fact]
    public Task Gzip_in_gzip()
    {
        var inner = Gzip("email\na@example.com\n");
        return RefusedAsync(GzipBytes(inner), "not_text");
    }

    private static byte[] Gzip(string text) => GzipBytes(Encoding.UTF8.GetBytes(text));

    private static byte[] GzipBytes(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest)) gzip.Write(bytes);
        return output.ToArray();
    }

    private async Task RefusedAsync(byte[] file, string code)
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(ticket.Url, file)).Result;
        var refused = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id }))
            .Expect(HttpStatusCode.UnprocessableEntity, code);
        Assert.True(refused.Text.Length < 2_000, refused.Text);
        Assert.Equal("pending", (await client.PostAsync("imports-get", new { id = ticket.Id })).Result.Text("status"));

        _ = (await ImportSteps.PutAsync(ticket.Url, "email\na@example.com\n"u8.ToArray())).Result;
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        _ = (await client.ConfirmAsync(ticket.Id, "email")).Result;
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(ticket.Id)).Outcome());
    }
}
