using System.Net;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Paging of imports-errors and imports-list.</summary>
public sealed class ImportListsTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Errors_come_in_file_order_page_after_page_and_the_same_again()
    {
        using var client = await app.CreateClientAsync();
        StringBuilder csv = new("email\n");
        for (var n = 1; n <= 1_000; n++) csv.Append(null, $"{(n % 40 == 0 ? "@" : "")}p{n}@example.com\n");
        var id = (await client.ImportAsync(csv.ToString())).Id();

        List<int> rows = [];
        List<int> sizes = [];
        string? cursor = null;
        do
        {
            var page = await client.PostAsync("imports-errors", new { id, limit = 10, cursor });
            Assert.Equal(page.Text, (await client.PostAsync("imports-errors", new { id, limit = 10, cursor })).Text);
            var items = page.Result.GetProperty("items").EnumerateArray().ToArray();
            sizes.Add(items.Length);
            rows.AddRange(items.Select(item => item.GetProperty("row_number").GetInt32()));
            cursor = page.Result.Text("next_cursor");
        }
        while (cursor is not null);

        Assert.Equal([10, 10, 5], sizes);
        Assert.Equal(Enumerable.Range(1, 25).Select(n => n * 40), rows);
    }

    [Fact]
    public async Task A_cursor_that_was_altered_or_is_anothers_is_refused()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var id = (await client.ImportAsync("email\n@a\n@b\n@c\n")).Id();
        var second = (await client.ImportAsync("email\n@a\n@b\n@c\n")).Id();
        var theirs = (await other.ImportAsync("email\n@a\n@b\n@c\n")).Id();
        var cursor = (await client.PostAsync("imports-errors", new { id, limit = 1 })).Result.Text("next_cursor")!;
        var list = (await client.PostAsync("imports-list", new { limit = 1 })).Result.Text("next_cursor")!;
        string[] altered = [
            cursor[..^1], cursor + "A", (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..], "", " ", "null", "🙂", new('A', 5_000), list];
        foreach (var bad in altered)
        {
            var refused = await client.PostAsync("imports-errors", new { id, cursor = bad });
            Assert.Equal(["cursor: invalid_cursor"], refused.Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor").Details);
        }

        (await client.PostAsync("imports-errors", new { id = second, cursor }))
            .Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        (await other.PostAsync("imports-errors", new { id = theirs, cursor })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        (await client.PostAsync("imports-list", new { cursor })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        (await client.PostAsync("bulk-jobs-list", new { cursor = list })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        foreach (var limit in new[] { 0, -1, 1001 })
        {
            Assert.Equal(
                ["limit: out_of_range"],
                (await client.PostAsync("imports-errors", new { id, limit }))
                .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        }
    }

    [Fact]
    public async Task Imports_are_listed_newest_first_and_pages_hold_still()
    {
        using var client = await app.CreateClientAsync();
        List<Guid> made = [];
        for (var n = 0; n < 7; n++) made.Insert(0, (await client.RequestUploadAsync()).Id);
        var first = (await client.PostAsync("imports-list", new { limit = 3 })).Result;
        _ = await client.RequestUploadAsync();
        var second = (await client.PostAsync("imports-list", new { limit = 3, cursor = first.Text("next_cursor") })).Result;
        var third = (await client.PostAsync("imports-list", new { limit = 3, cursor = second.Text("next_cursor") })).Result;

        Assert.Equal(made, new[] { first, second, third }.SelectMany(Ids));
        Assert.Null(third.Text("next_cursor"));
    }

    [Fact]
    public async Task Filters_pick_by_status_and_type()
    {
        using var client = await app.CreateClientAsync();
        using var stranger = await app.CreateClientAsync();
        _ = await stranger.RequestUploadAsync();
        var pending = (await client.RequestUploadAsync()).Id;
        var uploaded = await client.UploadedAsync("name\nAcme\n", "companies");
        var completed = (await client.ImportAsync("name\nFair\n", modelType: "sources")).Id();

        Assert.Equal([completed, uploaded, pending], Ids((await client.PostAsync("imports-list", "{}")).Result));
        Assert.Equal([pending], Ids((await client.PostAsync("imports-list", new { status = "pending" })).Result));
        Assert.Equal([uploaded], Ids((await client.PostAsync("imports-list", new { model_type = "companies" })).Result));
        Assert.Equal(
            [completed], Ids((await client.PostAsync("imports-list", new { status = "completed", model_type = "sources" })).Result));
        Assert.Empty(Ids((await client.PostAsync("imports-list", new { status = "failed" })).Result));
        var refused = await client.PostAsync("imports-list", new { status = "done", model_type = "people", limit = 0 });
        Assert.Equal(["limit: out_of_range", "model_type: invalid_choice", "status: invalid_choice"], refused.Details.Order());
        Assert.Contains("completed", refused.Detail("status").GetProperty("accepted").EnumerateArray().Select(word => word.GetString()));
    }

    private static Guid[] Ids(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(item => item.Id())];
}
