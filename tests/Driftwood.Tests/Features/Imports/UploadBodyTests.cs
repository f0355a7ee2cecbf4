using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Bodies that end early, go on too long, or come several at once leave one whole object or none.</summary>
public sealed class UploadBodyTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Content-Length: 500\r\n\r\nemail\nhalf@exam", false)]
    [InlineData("Content-Length: 500\r\n\r\nemail\nhalf@exam", true)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n10\r\nemail\nhalf@exam\r\n", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\nemail", false)]
    public async Task An_upload_cut_short_leaves_what_was_there_before(string lengthAndBody, bool reset)
    {
        using var client = await app.CreateClientAsync();
        var empty = await client.RequestUploadAsync();
        var filled = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(filled.Url, "email\nwhole@example.com\n"u8.ToArray())).Result;
        var whole = Assert.Single(app.StoredFiles(filled.Id));

        await CutAsync(empty.Url, lengthAndBody, reset);
        await CutAsync(filled.Url, lengthAndBody, reset);

        await Eventually.GetAsync(() => Task.FromResult(app.StoredFiles(empty.Id)), files => files.Length == 0);
        await Eventually.GetAsync(() => Task.FromResult(app.StoredFiles(filled.Id)), files => files is [var file] && file == whole);
        (await client.PostAsync("imports-complete-upload", new { id = empty.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        var preview = (await client.PostAsync("imports-complete-upload", new { id = filled.Id })).Result.GetProperty("preview");
        Assert.Equal("""[["whole@example.com"]]""", preview.Text("sample_rows"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(bool chunked)
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        (await ImportSteps.PutAsync(ticket.Url, FileOf(ImportsApp.MaxBytes + 1), chunked: chunked))
            .Expect(HttpStatusCode.RequestEntityTooLarge, "upload_too_large");
        Assert.Empty(app.StoredFiles(ticket.Id));
        (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");

        _ = (await ImportSteps.PutAsync(ticket.Url, FileOf(ImportsApp.MaxBytes), chunked: chunked)).Result;
        var preview = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result.GetProperty("preview");
        Assert.Equal((ImportsApp.MaxBytes / 10) - 1, preview.GetProperty("total_rows").GetInt64());
    }

    [Fact]
    public async Task Of_uploads_at_once_one_stays_and_nothing_else()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n =>
            ImportSteps.PutAsync(ticket.Url, Encoding.UTF8.GetBytes($"email\nupload{n}@example.com\n" + new string('\n', n * 10_000)))));

        var stored = Enumerable.Range(0, 12).Where(n => answers[n].Status == HttpStatusCode.OK)
            .Select(n => $"[[\"upload{n}@example.com\"]]").ToArray();
        Assert.All(
            answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.Expect(HttpStatusCode.Conflict, "invalid_state"));
        Assert.Single(app.StoredFiles(ticket.Id));
        var preview = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result.GetProperty("preview");
        Assert.Contains(preview.Text("sample_rows"), stored);
    }

    [Fact]
    public async Task Uploads_that_race_with_their_completion_are_either_in_it_or_refused()
    {
        using var client = await app.CreateClientAsync();
        for (var round = 0; round < 8; round++)
        {
            var ticket = await client.RequestUploadAsync();
            _ = (await ImportSteps.PutAsync(ticket.Url, FileOf(1_000_000))).Result;
            var puts = Enumerable.Range(0, 4).Select(_ => ImportSteps.PutAsync(ticket.Url, FileOf(2_000))).ToArray();
            var completions = Enumerable.Range(0, 3).Select(_ => client.PostAsync("imports-complete-upload", new { id = ticket.Id }))
                .ToArray();
            foreach (var answer in (Answer[])[.. await Task.WhenAll(puts), .. await Task.WhenAll(completions)])
            {
                if (answer.Status != HttpStatusCode.OK) answer.Expect(HttpStatusCode.Conflict, "invalid_state");
            }

            Assert.Single(app.StoredFiles(ticket.Id));
            _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        }
    }

    /// <summary>Rows of ten bytes, including the header.</summary>
    private static byte[] FileOf(int bytes)
    {
        var row = "a@bc.defg\n"u8;
        var file = new byte[bytes];
        "emailhead\n"u8.CopyTo(file);
        for (var i = row.Length; i < bytes; i += row.Length) row[..Math.Min(row.Length, bytes - i)].CopyTo(file.AsSpan(i));
        return file;
    }

    private static async Task CutAsync(Uri url, string lengthAndBody, bool reset)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(url.Host, url.Port, Cancellation);
        var request = $"PUT {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: text/csv\r\n{lengthAndBody}";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancellation);
        // With zero seconds of lingering, closing sends a reset instead of an end.
        if (reset) connection.LingerState = new LingerOption(true, 0);
    }
}
