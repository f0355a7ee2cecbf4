using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;

namespace Driftwood.Tests.Features.Imports;

/// <summary>What the answers about a job link to, read by GET as curl would.</summary>
public sealed class LinkTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Csv = "email,city\nann@example.com,Oslo\nno address,Rome\n";

    public static TheoryData<string, string> Links => new()
    {
        { "self", "imports-get" },
        { "results", "imports-results" },
        { "results_csv", "imports-results-csv" },
        { "errors", "imports-errors" },
        { "errors_csv", "imports-errors-csv" },
    };

    [Fact]
    public async Task An_import_links_to_what_there_is_of_it()
    {
        using var client = await app.CreateClientAsync();
        var uploaded = (await client.UploadAsync(Encoding.UTF8.GetBytes(Csv))).Result.GetProperty("job");
        var id = uploaded.Id();
        Assert.Equal([$"self /api/imports/{id}"], LinksOf(uploaded));
        var confirmed = (await client.ConfirmAsync(id, "email,city")).Result;
        Assert.Equal([$"self /api/imports/{id}", $"results /api/imports/{id}/results"], LinksOf(confirmed).Take(2));

        var done = await client.FinishAsync(id);

        Assert.Equal("completed 2: 1/0/0/1", done.Outcome());
        string[] names = ["", "/results", "/results.csv", "/errors", "/errors.csv", "/manifest"];
        Assert.Equal(names.Select(name => $"/api/imports/{id}{name}"), LinksOf(done).Select(link => link.Split(' ')[1]));
        Assert.Equal(LinksOf(done), LinksOf(Assert.Single(await client.AllAsync("imports-list", new { }))));
        foreach (var link in LinksOf(done))
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, link.Split(' ')[1])).Status);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_link_answers_what_its_route_answers(string link, string route)
    {
        using var client = await app.CreateClientAsync();
        var id = (await client.ImportAsync(Csv)).Id();
        var done = (await client.PostAsync("imports-get", new { id })).Result;

        var linked = await GetAsync(client, done.GetProperty("links").Text(link)!);

        var posted = await client.PostAsync(route, new { id });
        Assert.Equal((posted.Status, posted.Text), (linked.Status, linked.Text));
        Assert.Equal(posted.ContentHeaders.ContentType, linked.ContentHeaders.ContentType);
        Assert.Equal(posted.ContentHeaders.ContentDisposition, linked.ContentHeaders.ContentDisposition);
    }

    [Fact]
    public async Task A_broken_download_of_a_link_goes_on_where_it_stopped()
    {
        using var client = await app.CreateClientAsync();
        var done = await client.ImportAsync(Csv);
        var path = done.GetProperty("links").Text("results_csv")!;
        var whole = await GetAsync(client, path);

        var rest = await GetAsync(client, path, ("Range", "bytes=20-"), ("If-Range", whole.Headers.ETag!.Tag));

        Assert.Equal(HttpStatusCode.PartialContent, rest.Status);
        Assert.EndsWith(rest.Text, whole.Text, StringComparison.Ordinal);
        var length = whole.ContentHeaders.ContentLength;
        Assert.Equal($"bytes 20-{length - 1}/{length}", rest.ContentHeaders.ContentRange!.ToString());
    }

    [Fact]
    public async Task Pages_are_asked_for_in_the_query_and_refused_with_the_words_of_the_route()
    {
        using var client = await app.CreateClientAsync();
        var id = (await client.ImportAsync("email\none\ntwo\nthree\n")).Id();
        var path = $"/api/imports/{id}/errors";

        var first = (await GetAsync(client, $"{path}?limit=2")).Result;
        var cursor = Uri.EscapeDataString(first.Text("next_cursor")!);
        var second = (await GetAsync(client, $"{path}?limit=2&cursor={cursor}")).Result;

        Assert.Equal(["1", "2"], first.GetProperty("items").EnumerateArray().Select(item => item.Text("row_number")));
        Assert.Equal(["3"], second.GetProperty("items").EnumerateArray().Select(item => item.Text("row_number")));
        Assert.Equal(
            "true", (await GetAsync(client, $"/api/imports/{id}/results?include_values=true")).Body.GetProperty("ok").GetRawText());
        var refused = await GetAsync(client, $"{path}?limit=many&row=1&cursor=a&cursor=b");
        Assert.Equal(
            ["limit: wrong_type", "row: unknown_member", "cursor: duplicate_member"],
            refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal(["id: invalid_uuid"], (await GetAsync(client, "/api/imports/7")).Details);
        Assert.Equal(["id: duplicate_member"], (await GetAsync(client, $"/api/imports/{id}?id={id}")).Details);
    }

    [Fact]
    public async Task A_bulk_job_and_an_undo_link_to_their_results()
    {
        using var client = await app.CreateClientAsync();
        var contact = await client.ContactAsync(new { email = "ann@example.com" });
        var waiting = (await client.PostAsync(
            "bulk-jobs-create",
            new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact, Guid.NewGuid() }, start = false })).Result;
        Assert.Equal([$"self /api/bulk-jobs/{waiting.Id()}"], LinksOf(waiting));
        var started = (await client.PostAsync("bulk-jobs-start", new { id = waiting.Id() })).Result;
        _ = await client.FinishJobAsync(waiting.Id());
        var undo = (await client.PostAsync("jobs-undo", new { id = waiting.Id() })).Result;

        foreach (var job in new[] { started, undo })
        {
            var path = $"/api/bulk-jobs/{job.Id()}";
            Assert.Equal([$"self {path}", $"results {path}/results", $"results_csv {path}/results.csv"], LinksOf(job));
            _ = await client.FinishJobAsync(job.Id());
            Assert.Equal((await client.PostAsync("bulk-jobs-get", new { id = job.Id() })).Text, (await GetAsync(client, path)).Text);
            Assert.Equal(
                (await client.PostAsync("bulk-jobs-results-csv", new { id = job.Id() })).Text,
                (await GetAsync(client, $"{path}/results.csv")).Text);
        }

        var failed = (await GetAsync(client, $"/api/bulk-jobs/{waiting.Id()}/results?outcome=failed")).Result.GetProperty("items");
        Assert.Equal("not_found", Assert.Single(failed.EnumerateArray()).Text("code"));
    }

    [Fact]
    public async Task A_link_needs_the_token_and_the_account_that_its_route_needs()
    {
        using var owner = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        using var writer = app.CreateClient(await app.CreateAccountAsync("write"));
        using var stranger = app.CreateStranger();
        var id = (await owner.ImportAsync(Csv)).Id();

        foreach (var path in new[] { $"imports/{id}", $"imports/{id}/results", $"bulk-jobs/{id}" }.Select(path => "/api/" + path))
        {
            (await GetAsync(stranger, path)).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
            (await GetAsync(writer, path)).Expect(HttpStatusCode.Forbidden, "forbidden");
            (await GetAsync(other, path)).Expect(HttpStatusCode.NotFound, "not_found");
        }

        (await GetAsync(owner, $"/api/imports/{id}/nothing")).Expect(HttpStatusCode.NotFound, "not_found");
        using var post = new HttpRequestMessage(HttpMethod.Post, $"/api/imports/{id}/results.csv");
        (await owner.AskAsync(post)).Expect(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        var unfinished = await owner.UploadedAsync(Csv);
        (await GetAsync(owner, $"/api/imports/{unfinished}/results.csv")).Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    private static string[] LinksOf(JsonElement job) =>
        [.. job.GetProperty("links").EnumerateObject().Select(link => $"{link.Name} {link.Value.GetString()}")];

    private static async Task<Answer> GetAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.AskAsync(request);
    }
}
