using System.Text.Json;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordPagingTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    [Fact]
    public async Task Pages_hold_every_record_once_newest_first_whatever_is_made_or_deleted_meanwhile()
    {
        using var client = await app.CreateClientOfNewAsync();
        List<Guid> made = [];
        for (var i = 0; i < 23; i++) made.Add(await CreateAsync(client, $"c{i}"));
        List<Guid> seen = [];
        string? cursor = null;
        do
        {
            var page = (await client.PostAsync("contacts-list", new { cursor, limit = 5 })).Result;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("next_cursor").GetString();
            await CreateAsync(client, "later");
            // The record at the cursor may be deleted.
            _ = (await client.PostAsync("contacts-delete", new { id = seen[^1] })).Result;
        }
        while (cursor is not null);
        // The order is newest first, to the millisecond. Records made within one millisecond are in the order of their ids.
        Assert.Equal(made.OrderByDescending(id => id.ToString(), StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task A_page_is_fifty_unless_asked_otherwise_and_the_last_has_no_cursor()
    {
        using var client = await app.CreateClientOfNewAsync();
        for (var i = 0; i < 51; i++) await CreateAsync(client, $"c{i}");
        var first = (await client.PostAsync("contacts-list", new { })).Result;
        Assert.Equal(50, first.GetProperty("items").GetArrayLength());
        Assert.NotNull(first.GetProperty("next_cursor").GetString());
        var all = (await client.PostAsync("contacts-list", new { limit = 51 })).Result;
        Assert.Equal(51, all.GetProperty("items").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, all.GetProperty("next_cursor").ValueKind);
    }

    [Fact]
    public async Task A_page_of_large_records_is_shorter_and_loses_none()
    {
        using var client = app.CreateClient();
        var description = new string('x', 60_000);
        for (var i = 0; i < 5; i++) _ = (await client.PostAsync("sources-create", new { name = $"large {i}", description })).Result;
        RecordQueries records = new(app.DataSource) { PageCharacters = 100_000 };
        RecordQuery all = new(RecordTypes.Sources);
        var cancellation = TestContext.Current.CancellationToken;
        var first = await records.ListAsync(all, app.Account.AccountId, null, 10, cancellation);
        Assert.Equal((2, true), (first.Records.Count, first.Last is not null));
        var second = await records.ListAsync(all, app.Account.AccountId, first.Last, 3, cancellation);
        Assert.Equal((2, true), (second.Records.Count, second.Last is not null));
        var third = await records.ListAsync(all, app.Account.AccountId, second.Last, 1, cancellation);
        Assert.Equal((1, false), (third.Records.Count, third.Last is not null));
    }

    private static async Task<Guid> CreateAsync(HttpClient client, string name) =>
        (await client.PostAsync("contacts-create", new { first_name = name })).Result.GetProperty("id").GetGuid();
}
