using System.Net;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Another account's imports answer exactly like imports that never existed. Tokens and keys do their work.</summary>
public sealed class ImportIsolationTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    public static TheoryData<string, string> Routes => new()
    {
        { "imports-complete-upload", "" },
        { "imports-complete-upload", """, "delimiter": ";" """ },
        { "imports-confirm", """, "column_mapping": {"email": "email"}""" },
        { "imports-confirm", """, "column_mapping": {"nothing": "nothing"}, "match_on": "email" """ },
        { "imports-get", "" },
        { "imports-errors", "" },
        { "imports-errors-csv", "" },
        { "bulk-jobs-get", "" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Anothers_job_is_as_absent_as_one_that_never_was(string route, string more)
    {
        using var owner = await app.CreateClientAsync();
        using var client = await app.CreateClientAsync();
        var contact = (await owner.PostAsync("contacts-create", new { email = "owned@example.com" })).Result.Id();
        var bulk = (
            await owner.PostAsync(
            "bulk-jobs-create",
            new
            {
                entity_type = "contacts",
                operation = "tag",
                entity_ids = new[] { contact },
                @params = new { add = new[] { "x" } }
            })).Result.Id();
        var pending = await owner.PutFileAsync("email\na@example.com\n"u8.ToArray());
        var uploaded = await owner.UploadedAsync("email\na@example.com\n");
        var random = Guid.CreateVersion7();
        var expected = Plain((await client.PostAsync(route, Body(random, more))).Expect(HttpStatusCode.NotFound, "not_found"), random);
        foreach (var foreign in new[] { pending, uploaded, bulk })
        {
            Assert.Equal(
                expected,
                Plain((await client.PostAsync(route, Body(foreign, more))).Expect(HttpStatusCode.NotFound, "not_found"), foreign));
        }

        Assert.Equal("pending", (await owner.PostAsync("imports-get", new { id = pending })).Result.Text("status"));
        Assert.Equal("uploaded", (await owner.PostAsync("imports-get", new { id = uploaded })).Result.Text("status"));
        // This route does not find a job of the other kind either.
        var wrongKind = route.StartsWith("imports", StringComparison.Ordinal) ? bulk : uploaded;
        (await owner.PostAsync(route, Body(wrongKind, more))).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Every_route_needs_a_token_and_its_scope()
    {
        using var stranger = app.CreateStranger();
        using var reader = app.CreateClient(await app.CreateAccountAsync("read"));
        using var writer = app.CreateClient(await app.CreateAccountAsync("write"));
        string[] reads = ["imports-get", "imports-errors", "imports-errors-csv", "imports-list", "bulk-jobs-get", "bulk-jobs-list"];
        string[] writes = ["imports-request-upload", "imports-complete-upload", "imports-confirm", "bulk-jobs-create"];
        foreach (var route in reads.Concat(writes))
        {
            (await stranger.PostAsync(route, "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
            (await stranger.PostAsync(route, "{}", ("Authorization", "Bearer dw_wrong")))
                .Expect(HttpStatusCode.Unauthorized, "unauthenticated");
            (await (reads.Contains(route) ? writer : reader).PostAsync(route, "{}")).Expect(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task An_import_touches_its_own_account_only()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var theirs = (
            await other.PostAsync("contacts-create", new { email = "same@example.com", first_name = "Theirs", external_id = "x" })).Result;
        var job = await client.ImportAsync(
            "email,first_name,external_id\nsame@example.com,Mine,x\n", new { duplicate_strategy = "overwrite" });
        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        var byId = await client.ImportAsync(
            $"id,first_name\n{theirs.Id()},Stolen\n", new { duplicate_strategy = "overwrite", match_on = "id" });
        Assert.Equal("completed 1: 0/0/0/1", byId.Outcome());
        Assert.Equal(theirs.GetRawText(), Assert.Single(await other.RecordsAsync()).GetRawText());
    }

    [Fact]
    public async Task A_repeated_request_for_an_upload_is_answered_byte_for_byte()
    {
        using var client = await app.CreateClientAsync();
        const string body = """{"model_type":"contacts","file_name":"leads.csv","content_type":"text/csv"}""";
        var first = await client.PostAsync("imports-request-upload", body, ("Idempotency-Key", "upload-1"));
        var again = await client.PostAsync("imports-request-upload", body, ("Idempotency-Key", "upload-1"));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal((null, "true"), (first.Header("Idempotent-Replayed"), again.Header("Idempotent-Replayed")));
        Assert.Equal(1, (await client.PostAsync("imports-list", "{}")).Result.GetProperty("items").GetArrayLength());
        (await client.PostAsync(
            "imports-request-upload", body.Replace("leads", "others", StringComparison.Ordinal), ("Idempotency-Key", "upload-1")))
            .Expect(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
        _ = (await ImportSteps.PutAsync(new Uri(again.Result.Text("signed_url")!), "email\na@example.com\n"u8.ToArray())).Result;
    }

    private static string Body(Guid id, string more) => $$"""{"id": "{{id}}"{{more}}}""";

    private static string Plain(Answer answer, Guid id) => answer.Text
        .Replace(answer.Error.Text("request_id")!, "(request)", StringComparison.Ordinal)
        .Replace(id.ToString(), "(id)", StringComparison.Ordinal);
}
