using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Engine.Files.Workbooks;

namespace Driftwood.Tests.Features.Imports;

/// <summary>A whole import in one request.</summary>
public sealed class ImportsRunTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Clear = "email,first_name,city\nann@example.com,Ann,Oslo\nno address,Bea,Rome\n";
    private const string Unclear = "email,Zufriedenheit\nann@example.com,sehr\n";

    [Fact]
    public async Task A_file_whose_columns_are_certain_is_imported_at_once()
    {
        using var client = await app.CreateClientAsync();

        var job = (await RunAsync(client, ("model_type", "contacts"), ("file", Clear))).Result;

        Assert.Equal($"/api/imports/{job.Id()}", job.GetProperty("links").Text("self"));
        Assert.Equal("leads.csv", job.Text("file_name"));
        var done = await client.FinishAsync(job.Id());
        Assert.Equal("completed 2: 1/0/0/1", done.Outcome());
        Assert.Equal(["city", "email", "first_name"], MappingOf(done).Values.Order());
        Assert.Equal(["Oslo"], (await client.RecordsAsync()).Select(record => record.Text("city")));
    }

    [Fact]
    public async Task An_unclear_column_is_refused_with_the_preview_and_the_import_waits_to_be_confirmed()
    {
        using var client = await app.CreateClientAsync();

        var refused = (await RunAsync(client, ("model_type", "contacts"), ("file", Unclear)))
            .Expect(HttpStatusCode.UnprocessableEntity, "mapping_unclear");

        Assert.Equal(["options.column_mapping.Zufriedenheit: unclear_column"], refused.Details);
        Assert.Contains("city", Texts(refused.Error.GetProperty("details")[0].GetProperty("accepted")));
        Assert.Equal(["email", "Zufriedenheit"], Texts(refused.Error.GetProperty("preview").GetProperty("headers")));
        var job = refused.Error.GetProperty("job");
        Assert.Equal("uploaded", job.Text("status"));
        _ = (await client.PostAsync(
            "imports-confirm", new { id = job.Id(), column_mapping = new { email = "email", Zufriedenheit = (string?)null } })).Result;
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(job.Id())).Outcome());
    }

    [Fact]
    public async Task A_blank_column_needs_no_field_and_a_file_without_a_match_field_is_refused()
    {
        using var client = await app.CreateClientAsync();

        var job = (await RunAsync(
            client, ("model_type", "contacts"), ("file", "email,Zufriedenheit\nann@example.com,\nbea@example.com, \n"))).Result;
        var refused = await RunAsync(client, ("model_type", "contacts"), ("file", "first_name,city\nAnn,Oslo\n"));

        Assert.Equal(["email"], MappingOf(job).Keys);
        refused.Expect(HttpStatusCode.UnprocessableEntity, "mapping_unclear");
        Assert.Equal(["options.match_on: not_mapped"], refused.Details);
    }

    [Fact]
    public async Task Options_are_the_settings_of_a_confirmation()
    {
        using var client = await app.CreateClientAsync();
        const string options = """
            {"column_mapping": {"email": "email", "Zufriedenheit": {"field": "city", "transforms": ["upper"]}},
             "duplicate_strategy": "merge", "add_tags": ["weekly"]}
            """;

        var job = (await RunAsync(client, ("model_type", "contacts"), ("options", options), ("file", Unclear))).Result;

        Assert.Equal(("merge", "processing"), (job.Text("duplicate_strategy"), job.Text("status")));
        _ = await client.FinishAsync(job.Id());
        var record = Assert.Single(await client.RecordsAsync());
        Assert.Equal(("SEHR", "weekly"), (record.Text("city"), Assert.Single(record.Tags())));
        // Options without a mapping go with the suggested one.
        var dry = (await RunAsync(
            client, ("file", Clear), ("options", """{"duplicate_strategy": "merge"}"""), ("dry_run", "true"), ("model_type", "contacts")))
            .Result;
        Assert.Equal(("merge", "true"), (dry.Text("duplicate_strategy"), dry.Text("dry_run")));
    }

    [Fact]
    public async Task A_profile_or_an_earlier_import_gives_the_settings_and_the_type()
    {
        using var client = await app.CreateClientAsync();
        var profile = (await client.PostAsync(
            "import-profiles-create",
            new { name = "Weekly", model_type = "contacts", column_mapping = new { email = "email", zufriedenheit = "city" } })).Result;

        var first = (await RunAsync(client, ("file", Unclear), ("profile_id", $"{profile.Id()}"))).Result;
        var second = (await RunAsync(
            client, ("like", $"{first.Id()}"), ("file", Unclear), ("options", """{"duplicate_strategy": "merge"}"""))).Result;

        Assert.Equal($"{profile.Id()}", first.Text("profile_id"));
        Assert.Equal("city", MappingOf(second)["Zufriedenheit"]);
        Assert.Equal("merge", second.Text("duplicate_strategy"));
        var other = (await RunAsync(client, ("model_type", "companies"), ("file", Unclear), ("profile_id", $"{profile.Id()}")))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(["profile_id: conflict"], other.Details);
        Assert.False(other.Error.TryGetProperty("job", out _));
        var missing = await RunAsync(client, ("file", "email\nann@example.com\n"), ("profile_id", $"{profile.Id()}"));
        Assert.Equal(["column_mapping.zufriedenheit: unknown_column"], missing.Details);
        Assert.Equal("uploaded", missing.Error.GetProperty("job").Text("status"));
        Assert.Equal(
            ["profile_id: not_found"], (await RunAsync(client, ("file", Unclear), ("profile_id", $"{Guid.NewGuid()}"))).Details);
        Assert.Equal(["like: not_found"], (await RunAsync(client, ("file", Unclear), ("like", $"{Guid.NewGuid()}"))).Details);
    }

    [Fact]
    public async Task What_was_confirmed_twice_is_clear()
    {
        using var client = await app.CreateClientAsync();
        for (var i = 0; i < 2; i++)
        {
            var id = await client.UploadedAsync(Unclear);
            _ = (await client.PostAsync(
                "imports-confirm", new { id, column_mapping = new { email = "email", Zufriedenheit = (string?)null } })).Result;
            _ = await client.FinishAsync(id);
        }

        Assert.Equal(["email"], MappingOf((await RunAsync(client, ("model_type", "contacts"), ("file", Unclear))).Result).Keys);
    }

    [Fact]
    public async Task A_workbook_and_a_compressed_file_are_read_and_parts_say_how()
    {
        using var client = await app.CreateClientAsync();
        var workbook = new TestWorkbook().Sheet("Notes", [["a"], ["b"]]).Sheet("Leads", [["email"], ["ann@example.com"]]).ToArray();
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("email;city\nbea@example.com;Rome\n"), TestContext.Current.CancellationToken);

        var sheet = (await RunAsync(client, Form(("model_type", "contacts"), ("sheet", "Leads")).WithFile(workbook, "leads.xlsx"))).Result;
        var form = Form(("model_type", "contacts"), ("delimiter", ";"), ("header_row", "1")).WithFile(zipped.ToArray(), "leads.csv.gz");
        var text = (await RunAsync(client, form)).Result;

        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(sheet.Id())).Outcome());
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(text.Id())).Outcome());
        Assert.Equal(2, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task A_form_is_refused_with_every_reason_and_nothing_is_kept()
    {
        using var client = await app.CreateClientAsync();
        var stored = app.AllStoredFiles().Length;

        async Task RefusedAsync(string[] details, params (string Name, string Value)[] parts)
        {
            var refused = (await RunAsync(client, parts)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
            Assert.Equal(details, refused.Details);
        }

        await RefusedAsync(["file: required"], ("model_type", "contacts"));
        await RefusedAsync(["file: duplicate_member"], ("model_type", "contacts"), ("file", Clear), ("file", Clear));
        await RefusedAsync(["model_type: required"], ("file", Clear));
        await RefusedAsync(["model_type: invalid_choice"], ("file", Clear), ("model_type", "nothing"));
        await RefusedAsync(["model_type: duplicate_member"], ("file", Clear), ("model_type", "contacts"), ("model_type", "contacts"));
        await RefusedAsync(
            ["colour: unknown_member", "dry_run: wrong_type", "header_row: wrong_type", "like: invalid_uuid"],
            ("model_type", "contacts"), ("colour", "red"), ("dry_run", "yes"), ("header_row", "one"), ("like", "x"), ("file", Clear));
        await RefusedAsync(["options: invalid_value"], ("model_type", "contacts"), ("file", Clear), ("options", "{column_mapping"));
        await RefusedAsync(["options: wrong_type"], ("model_type", "contacts"), ("file", Clear), ("options", "[]"));
        await RefusedAsync(
            ["options.matchon: unknown_member", "options.duplicate_strategy: invalid_choice"],
            ("model_type", "contacts"), ("options", """{"matchon": "email", "duplicate_strategy": "x"}"""), ("file", Clear));
        await RefusedAsync(
            ["options.tag_delimiter: too_long", "quote: invalid_choice"],
            ("model_type", "contacts"), ("file", Clear), ("options", """{"tag_delimiter": "12345678901"}"""), ("quote", "x"));
        await RefusedAsync(
            ["like: conflict"], ("profile_id", $"{Guid.NewGuid()}"), ("like", $"{Guid.NewGuid()}"), ("file", Clear));
        var wrongPart = await RunAsync(client, Form(("model_type", "contacts")).WithFile([1], "leads.csv", "upload"));
        Assert.Equal(["upload: unknown_member"], wrongPart.Details);
        Assert.Empty((await client.PostAsync("imports-list", new { })).Result.GetProperty("items").EnumerateArray());
        Assert.Equal(stored, app.AllStoredFiles().Length);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_refused_and_its_import_given_up()
    {
        using var client = await app.CreateClientAsync();

        var refused = (await RunAsync(client, ("model_type", "contacts"), ("file", "<!doctype html><html><body>no</body></html>")))
            .Expect(HttpStatusCode.UnprocessableEntity, "not_text");

        Assert.False(refused.Error.TryGetProperty("job", out _));
        var left = Assert.Single((await client.PostAsync("imports-list", new { })).Result.GetProperty("items").EnumerateArray());
        Assert.Equal("cancelled", left.Text("status"));
        (await RunAsync(client, ("model_type", "contacts"), ("file", "email\n")))
            .Expect(HttpStatusCode.UnprocessableEntity, "no_rows");
        (await RunAsync(client, ("model_type", "contacts"), ("file", ""))).Expect(HttpStatusCode.UnprocessableEntity, "empty_file");
    }

    [Fact]
    public async Task Settings_that_do_not_fit_the_file_are_refused_and_the_import_waits()
    {
        using var client = await app.CreateClientAsync();

        var refused = (await RunAsync(
            client, ("model_type", "contacts"), ("file", Clear), ("options", """{"column_mapping": {"Email": "email"}}""")))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        Assert.Equal(["options.column_mapping.Email: unknown_column"], refused.Details);
        var id = refused.Error.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "email,first_name,city")).Result;
        Assert.Equal("completed 2: 1/0/0/1", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task A_file_or_a_part_that_is_too_large_is_refused()
    {
        using var client = await app.CreateClientAsync();
        var large = new byte[ImportsApp.MaxBytes + 1];
        large.AsSpan().Fill((byte)'a');

        (await RunAsync(client, Form(("model_type", "contacts")).WithFile(large, "a.csv")))
            .Expect(HttpStatusCode.RequestEntityTooLarge, "upload_too_large");
        (await RunAsync(client, Form(("model_type", "contacts")).WithFile(large, "a.csv"), chunked: true))
            .Expect(HttpStatusCode.RequestEntityTooLarge, "upload_too_large");
        (await RunAsync(client, ("model_type", "contacts"), ("options", new string(' ', 1_100_000)), ("file", Clear)))
            .Expect(HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        var many = Enumerable.Range(0, 120).Select(i => ($"a{i}", "x")).ToArray();
        (await RunAsync(client, many)).Expect(HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    [Theory]
    [InlineData("text/csv", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("multipart/form-data", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("multipart/mixed; boundary=x", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    [InlineData("multipart/form-data; boundary=other", HttpStatusCode.BadRequest, "bad_request")]
    public async Task Another_content_type_is_refused(string type, HttpStatusCode status, string code)
    {
        using var client = await app.CreateClientAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Curl));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        (await RunAsync(client, content)).Expect(status, code);
    }

    [Fact]
    public async Task A_form_is_read_as_curl_sends_it_and_refused_where_it_ends_early()
    {
        using var client = await app.CreateClientAsync();
        var stored = app.AllStoredFiles().Length;
        foreach (var length in new[] { Curl.IndexOf("ann@", StringComparison.Ordinal), Curl.Length - 4 })
        {
            using var cut = CurlContent(Curl[..length]);
            var refused = await RunAsync(client, cut);
            Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        }

        using var nameless = CurlContent(Curl.Replace("name=\"model_type\"", "", StringComparison.Ordinal));
        (await RunAsync(client, nameless)).Expect(HttpStatusCode.BadRequest, "bad_request");
        Assert.Equal(stored, app.AllStoredFiles().Length);

        using var whole = CurlContent(Curl);
        var job = (await RunAsync(client, whole)).Result;

        Assert.Equal("Jürgens Liste.csv", job.Text("file_name"));
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(job.Id())).Outcome());
    }

    [Fact]
    public async Task The_token_and_its_scope_count()
    {
        using var stranger = app.CreateStranger();
        using var reader = app.CreateClient(await app.CreateAccountAsync("read"));
        using var bulk = app.CreateClient(await app.CreateAccountAsync("bulk"));

        (await RunAsync(stranger, ("model_type", "contacts"), ("file", Clear))).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
        (await RunAsync(reader, ("model_type", "contacts"), ("file", Clear))).Expect(HttpStatusCode.Forbidden, "forbidden");
        _ = (await RunAsync(bulk, ("model_type", "contacts"), ("file", Clear))).Result;
    }

    [Fact]
    public async Task The_same_request_with_its_key_makes_one_import()
    {
        using var client = await app.CreateClientAsync();
        var stored = app.AllStoredFiles().Length;
        Task<Answer> SendAsync(string csv) =>
            RunAsync(client, Form(("model_type", "contacts")).WithFile(Encoding.UTF8.GetBytes(csv), "leads.csv"), key: "one");

        var first = await SendAsync(Clear);
        var second = await SendAsync(Clear);

        Assert.Equal(first.Result.Id(), second.Result.Id());
        Assert.Equal("true", second.Header("Idempotent-Replayed"));
        (await SendAsync(Clear + "bea@example.com,Bea,Bonn\n"))
            .Expect(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
        var raced = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync(
            client, Form(("model_type", "contacts")).WithFile(Encoding.UTF8.GetBytes(Clear), "leads.csv"), key: "two")));
        Assert.All(raced, answer => Assert.True(
            answer.Status == HttpStatusCode.OK || answer.Code == "request_in_progress", answer.Text));
        var started = (await client.AllAsync("imports-list", new { })).Where(import => import.Text("status") != "cancelled");
        Assert.Equal(2, started.Count());
        Assert.NotEqual(stored, app.AllStoredFiles().Length);
    }

    private const string Curl =
        "--------------------------d74496d66958873e\r\n"
        + "Content-Disposition: form-data; name=\"file\"; filename=\"Jürgens Liste.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        + "email\r\nann@example.com\r\n\r\n"
        + "--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name=\"model_type\"\r\n\r\ncontacts\r\n"
        + "--------------------------d74496d66958873e\r\n"
        + "Content-Disposition: form-data; name=\"options\"; filename=\"settings.json\"\r\nContent-Type: application/json\r\n\r\n"
        + "{\"duplicate_strategy\": \"merge\"}\r\n"
        + "--------------------------d74496d66958873e--\r\n";

    private static ByteArrayContent CurlContent(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=------------------------d74496d66958873e");
        return content;
    }

    private static MultipartFormDataContent Form(params (string Name, string Value)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in parts)
        {
            if (name == "file") form.WithFile(Encoding.UTF8.GetBytes(value), "leads.csv");
            else form.Add(new StringContent(value), name);
        }

        return form;
    }

    private static Task<Answer> RunAsync(HttpClient client, params (string Name, string Value)[] parts) => RunAsync(client, Form(parts));

    private static async Task<Answer> RunAsync(HttpClient client, HttpContent form, string? key = null, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/imports-run") { Content = form };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (chunked) request.Headers.TransferEncodingChunked = true;
        return await client.AskAsync(request);
    }

    private static Dictionary<string, string> MappingOf(JsonElement job) =>
        job.GetProperty("column_mapping").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString()!);

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}

/// <summary>Adds files to forms.</summary>
internal static class FormFiles
{
    public static MultipartFormDataContent WithFile(
        this MultipartFormDataContent form, byte[] file, string name, string part = "file")
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        form.Add(content, part, name);
        return form;
    }
}
