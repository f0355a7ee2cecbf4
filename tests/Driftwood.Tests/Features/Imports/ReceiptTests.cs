using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Tests.Engine;
using Driftwood.Tests.Features.BulkJobs;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The file that says what became of each row, and the manifest that signs it.</summary>
public sealed class ReceiptTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Each_row_stands_with_its_cells_and_what_became_of_it()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo" });
        var import = await client.ImportAsync(
            "email,city,_row\nANN@example.com,=Rome,a\nbea@example.com,\"Oslo, N\",b\nBEA@example.com,Bergen,c\n"
                + "no address,x,d\n,,\ne@example.com,x\n",
            new { duplicate_strategy = "merge", column_mapping = new { email = "email", city = "city" } });

        var lines = await LinesAsync(client, import.Id());

        var bea = lines[2][5];
        Assert.Equal(
            [
                "email|city|_row|_row (2)|_outcome|_record_id|_changed|_code|_message",
                $"ANN@example.com|'=Rome|a|1|updated|{ann}|email: ann@example.com → ANN@example.com; city: Oslo → =Rome||",
                $"bea@example.com|Oslo, N|b|2|created|{bea}|||Row 3 of the file changed the record again.",
                $"BEA@example.com|Bergen|c|3|updated|{bea}|email: bea@example.com → BEA@example.com; city: Oslo, N → Bergen||",
                "no address|x|d|4|failed|||invalid_email|email: Found no address, which is not an e-mail address; "
                    + "expected one such as jane@example.com.",
                "|||5|skipped||||",
                $"e@example.com|x||6|created|{lines[6][5]}|||",
            ],
            lines.Select(line => string.Join('|', line)));
        Assert.Equal("Bergen", (await client.GetAsync(Guid.Parse(bea))).Text("city"));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_change_and_skipped_rows_name_their_record()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo" });
        const string csv = "email,city\nann@example.com,Rome\nnew@example.com,Rome\n";
        var tried = await client.ImportAsync(csv, new { duplicate_strategy = "merge", dry_run = true });
        var skipped = await client.ImportAsync(csv, new { duplicate_strategy = "skip" });

        Assert.Equal(
            [$"1|updated|{ann}|city: Oslo → Rome", "2|created||"],
            (await LinesAsync(client, tried.Id())).Skip(1).Select(line => string.Join('|', line[2..6])));
        var rows = await client.AllAsync("imports-results", new { id = tried.Id(), include_values = true });
        Assert.Equal(
            """[{"field":"city","before":"Oslo","after":"Rome"}]""", rows[0].GetProperty("values").GetRawText());
        Assert.Equal([$"{ann}", null], rows.Select(row => row.Text("record_id")));
        Assert.Equal($"1|skipped|{ann}|", string.Join('|', (await LinesAsync(client, skipped.Id()))[1][2..6]));
        Assert.Equal("Oslo", (await client.GetAsync(ann)).Text("city"));
        // The history lists changes only: no dry runs, and no rows that left the record as it is.
        var history = await client.AllAsync("records-history", new { record_type = "contacts", id = ann });
        Assert.Equal("created", Assert.Single(history).Text("effect"));
        var changed = await client.AllAsync(
            "contacts-list", new { filter = new { field = "changed_by_job", op = "eq", value = skipped.Id() } });
        Assert.Equal("new@example.com", Assert.Single(changed).Text("email"));
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_stopped_and_outlives_the_upload()
    {
        using var client = await app.CreateClientAsync();
        var import = await client.ImportAsync(Csv(2_000));
        var whole = await DownloadAsync(client, import.Id(), null, null);
        var tag = whole.Headers.ETag!;
        var text = await whole.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        var rest = await DownloadAsync(client, import.Id(), "bytes=1000-", tag);
        Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
        Assert.Equal($"bytes 1000-{text.Length - 1}/{text.Length}", $"{rest.Content.Headers.ContentRange}");
        Assert.Equal(text[1000..], await rest.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var end = await DownloadAsync(client, import.Id(), "bytes=-10", null);
        Assert.Equal(text[^10..], await end.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var beyond = await DownloadAsync(client, import.Id(), $"bytes={text.Length}-", null);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        var other = await DownloadAsync(client, import.Id(), "bytes=5-", new EntityTagHeaderValue("\"x\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        File.Delete(app.StoredFiles(import.Id()).Single(file => !file.Contains("receipt", StringComparison.Ordinal)));
        var again = await DownloadAsync(client, import.Id(), null, null);
        Assert.Equal(text, await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Only_an_import_that_has_ended_has_a_receipt()
    {
        using var client = await app.CreateClientAsync();
        var uploaded = await client.UploadedAsync("email\na@example.com\n");
        (await client.PostAsync("imports-results-csv", new { id = uploaded })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("imports-manifest", new { id = uploaded })).Expect(HttpStatusCode.Conflict, "invalid_state");
        using var other = await app.CreateClientAsync();
        (await other.PostAsync("imports-results-csv", new { id = uploaded })).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task A_manifest_proves_the_file_and_the_receipt()
    {
        using var client = await app.CreateClientAsync();
        var csv = Csv(10);
        var import = await client.ImportAsync(csv);

        var answer = (await client.PostAsync("imports-manifest", new { id = import.Id() })).Result;

        var signature = answer.Text("signature")!;
        var payload = JsonElement.Parse(ManifestSigner.Verify(signature, out var key)!);
        Assert.True(JsonElement.DeepEquals(answer.GetProperty("manifest"), payload));
        Assert.Equal(10, payload.GetProperty("import").GetProperty("created_count").GetInt32());
        Assert.Equal(Hash(Encoding.UTF8.GetBytes(csv)), payload.GetProperty("file").Text("sha256"));
        var receipt = await DownloadAsync(client, import.Id(), null, null);
        Assert.Equal(
            Hash(await receipt.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)),
            payload.GetProperty("receipt").Text("sha256"));
        Assert.Matches("^[0-9a-f]{64}$", key);
        var parts = signature.Split('.');
        Assert.Null(ManifestSigner.Verify($"{parts[0]}.{parts[1][..^4]}AAAA.{parts[2]}", out _));
        Assert.Null(ManifestSigner.Verify("a.b.c", out _));
        Assert.Null(ManifestSigner.Verify("", out _));
    }

    private static string Csv(int rows) =>
        "email,city\n" + string.Concat(Enumerable.Range(0, rows).Select(row => $"person{row}@example.com,City {row % 7}\n"));

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static async Task<List<string[]>> LinesAsync(HttpClient client, Guid import)
    {
        var answer = await client.PostAsync("imports-results-csv", new { id = import });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("leads-results.csv", answer.ContentHeaders.ContentDisposition!.FileName);
        return PlainCsv.Read(answer.Text.TrimStart('\uFEFF'));
    }

    private static async Task<HttpResponseMessage> DownloadAsync(
        HttpClient client, Guid import, string? range, EntityTagHeaderValue? onlyIf)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/imports-results-csv")
        {
            Content = JsonContent.Create(new { id = import }),
        };
        if (range is not null) request.Headers.Range = RangeHeaderValue.Parse(range);
        if (onlyIf is not null) request.Headers.IfRange = new RangeConditionHeaderValue(onlyIf);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
