using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Records;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Tags;

public sealed class TagsListTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    [Fact]
    public async Task Counts_records_by_tag_with_the_newest_spelling()
    {
        using var client = await app.CreateClientOfNewAsync();
        _ = (await client.PostAsync("contacts-create", new { first_name = "a", tags = new[] { "vip", "Beta" } })).Result;
        _ = (await client.PostAsync("contacts-create", new { first_name = "b", tags = new[] { "VIP", "\u00C6rlig" } })).Result;
        _ = (await client.PostAsync("companies-create", new { name = "c", tags = new[] { "Vip" } })).Result;
        Assert.Equal(["Beta 1", "Vip 3", "\u00C6rlig 1"], await ListAsync(client, new { }));
        Assert.Equal(["Beta 1", "VIP 2", "\u00C6rlig 1"], await ListAsync(client, new { record_type = "contacts" }));
        Assert.Equal(["Vip 1"], await ListAsync(client, new { record_type = "companies" }));
        Assert.Empty(await ListAsync(client, new { record_type = "sources" }));
        (await client.PostAsync("tags-list", new { record_type = "people" }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
    }

    [Fact]
    public async Task Pages_hold_every_tag_once()
    {
        using var client = await app.CreateClientOfNewAsync();
        var tags = Enumerable.Range(0, 25).Select(i => $"tag {i:00}").ToArray();
        _ = (await client.PostAsync("sources-create", new { name = "s", tags = tags.Reverse() })).Result;
        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = (await client.PostAsync("tags-list", new { cursor, limit = 10 })).Result;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("tag").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(tags, seen);
    }

    private static async Task<IEnumerable<string>> ListAsync(HttpClient client, object request) =>
        (await client.PostAsync("tags-list", request)).Result.GetProperty("items").EnumerateArray().Select(Text);

    private static string Text(JsonElement item) => $"{item.GetProperty("tag").GetString()} {item.GetProperty("count").GetInt64()}";
}
