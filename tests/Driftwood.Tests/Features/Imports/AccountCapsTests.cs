using System.Net;
using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The API with caps so small that a few rows reach them.</summary>
public sealed class CappedApp(PostgresServer server) : ImportsApp(server)
{
    public const int Bytes = 400;

    private protected override IEnumerable<(string Key, string Value)> MoreSettings =>
    [
        ("Driftwood:Uploads:MaxPendingPerAccount", "2"), ("Driftwood:Uploads:MaxBytesPerAccount", $"{Bytes}"),
        ("Driftwood:Jobs:MaxImportRows", "5"), ("Driftwood:Jobs:MaxFailures", "2"), ("Driftwood:Jobs:ChunkRows", "1"),
    ];
}

/// <summary>What one account may have stored.</summary>
public sealed class AccountCapsTests(CappedApp app) : IClassFixture<CappedApp>
{
    [Fact]
    public async Task An_account_has_only_so_many_uploads_that_wait_for_their_import()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.RequestUploadAsync();
        _ = await client.RequestUploadAsync();
        var body = new { model_type = "contacts", file_name = "a.csv", content_type = "text/csv" };
        var refused = (await client.PostAsync("imports-request-upload", body)).Expect(HttpStatusCode.TooManyRequests, "too_many_uploads");
        Assert.Equal("60", refused.Header("Retry-After"));
        _ = (await client.PostAsync("imports-cancel", new { id = first.Id })).Result;
        _ = await client.RequestUploadAsync();
    }

    [Fact]
    public async Task An_account_has_only_so_many_bytes_of_files()
    {
        using var client = await app.CreateClientAsync();
        var (first, second) = (await client.RequestUploadAsync(), await client.RequestUploadAsync());
        var file = File(CappedApp.Bytes / 2 + 50);
        _ = (await ImportSteps.PutAsync(first.Url, file)).Result;
        // The file that is replaced does not count.
        _ = (await ImportSteps.PutAsync(first.Url, file)).Result;
        var refused = await ImportSteps.PutAsync(second.Url, file);
        refused.Expect(HttpStatusCode.RequestEntityTooLarge, "account_storage_full");
        (await ImportSteps.PutAsync(second.Url, file, chunked: true))
            .Expect(HttpStatusCode.RequestEntityTooLarge, "account_storage_full");
        Assert.Empty(app.StoredFiles(second.Id));
        _ = (await client.PostAsync("imports-cancel", new { id = first.Id })).Result;
        _ = (await ImportSteps.PutAsync(second.Url, file)).Result;
    }

    [Fact]
    public async Task Receipts_count_among_the_bytes()
    {
        using var client = await app.CreateClientAsync();
        var import = await client.ImportAsync("email\na@example.com\nb@example.com\n");
        var file = File(CappedApp.Bytes / 2 + 50);
        var ticket = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(ticket.Url, file)).Result;

        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("imports-results-csv", new { id = import.Id() })).Status);

        (await ImportSteps.PutAsync(ticket.Url, file)).Expect(HttpStatusCode.RequestEntityTooLarge, "account_storage_full");
    }

    [Fact]
    public async Task A_file_has_only_so_many_rows()
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal(HttpStatusCode.OK, (await client.UploadAsync(Rows(5))).Status);
        (await client.UploadAsync(Rows(6))).Expect(HttpStatusCode.UnprocessableEntity, "too_many_rows");
    }

    [Fact]
    public async Task A_job_with_more_failed_rows_than_are_kept_fails()
    {
        using var client = await app.CreateClientAsync();
        var within = await client.ImportAsync("email\na@example.com\nbad\nbad\nb@example.com\n");
        Assert.Equal("completed 4: 2/0/0/2", within.Outcome());
        var beyond = await client.ImportAsync("email\nc@example.com\nbad\nbad\nbad\nd@example.com\n");
        Assert.Equal("failed 5: 1/0/0/2", beyond.Outcome());
        Assert.StartsWith("More than 2 rows or targets failed", beyond.Text("error_message"), StringComparison.Ordinal);
        Assert.Equal(2, (await client.ErrorsAsync(beyond.Id())).Length);
    }

    private static byte[] Rows(int count) =>
        Encoding.UTF8.GetBytes("email\n" + string.Concat(Enumerable.Range(0, count).Select(row => $"{row}@b.no\n")));

    private static byte[] File(int bytes) => Encoding.UTF8.GetBytes("email\n" + new string('x', bytes - 6));
}
