using System.Net;
using System.Text.Json;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Features.Imports;
using Driftwood.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.Features.Records;

/// <summary>Lists and counts records by filter, by query text, and in any order.</summary>
public sealed class RecordSelectionTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    private static readonly string?[] Cities = ["Oslo", "oslo", "Bergen", null, "Ålesund", "Zürich", "aarhus", "Bergen"];

    [Theory]
    [InlineData("""{"filter": {"field": "city", "op": "eq", "value": "Bergen"}}""", "c2 c7")]
    [InlineData("""{"query": "city = 'Bergen'"}""", "c2 c7")]
    [InlineData("""{"query": "SELECT _record_id AS id FROM \"Contacts\" WHERE city='Bergen' AND NOT (tags HAS 'VIP')"}""", "c7")]
    [InlineData(
        """{"filter": {"and": [{"field": "tags", "op": "has_tag", "value": "vip"}, {"not": {"field": "city", "op": "is_blank"}}]}}""",
        "c0 c2 c4 c6")]
    [InlineData("""{"filter": {"field": "city", "op": "ne", "value": "Bergen"}}""", "c0 c1 c3 c4 c5 c6")]
    [InlineData("""{"filter": {"field": "first_name", "op": "in", "value": ["c1", "c5", "c9"]}}""", "c1 c5")]
    [InlineData("""{"filter": {"field": "email", "op": "starts_with", "value": "C4@X"}}""", "c4")]
    [InlineData("""{"filter": {"field": "city", "op": "contains", "value": "SLO"}}""", "c0 c1")]
    [InlineData("""{"query": "SELECT * FROM contacts"}""", "c0 c1 c2 c3 c4 c5 c6 c7")]
    [InlineData("""{"filter": null}""", "c0 c1 c2 c3 c4 c5 c6 c7")]
    public async Task Lists_and_counts_agree_on_what_is_selected(string selection, string expected)
    {
        using var client = await FilledAsync();
        var listed = (await client.PostAsync("contacts-list", selection)).Result;
        Assert.Equal(expected.Split(' ').Reverse(), Names(listed));
        Assert.Equal(
            $$"""{"count":{{expected.Split(' ').Length}},"exact":true}""",
            (await client.PostAsync("contacts-count", selection)).Result.GetRawText());
        var anyType = selection.Insert(1, "\"record_type\": \"contacts\", ");
        Assert.Equal(listed.GetRawText(), (await client.PostAsync("records-list", anyType)).Result.GetRawText());
        Assert.Equal(expected.Split(' ').Length, (await client.PostAsync("records-count", anyType)).Result.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("city", "asc", "c6 c4 c2 c7 c1 c0 c5 c3", "c2 c7 c0 c5 c6 c1 c4 c3")]
    [InlineData("city", "desc", "c5 c0 c1 c7 c2 c4 c6 c3", "c4 c1 c6 c5 c0 c7 c2 c3")]
    [InlineData("email", "asc", "c0 c1 c2 c3 c4 c5 c6 c7", null)]
    [InlineData("email", "desc", "c7 c6 c5 c4 c3 c2 c1 c0", null)]
    [InlineData("birthday", "asc", "c4 c3 c2 c1 c0 c5 c6 c7", null)]
    [InlineData("birthday", "desc", "c0 c1 c2 c3 c4 c7 c6 c5", null)]
    [InlineData("created_at", "asc", "c0 c1 c2 c3 c4 c5 c6 c7", null)]
    [InlineData("updated_at", "desc", "c7 c6 c5 c4 c3 c2 c1 c0", null)]
    [InlineData("id", "asc", "c0 c1 c2 c3 c4 c5 c6 c7", null)]
    public async Task Pages_of_any_size_give_a_sorted_list_blank_ones_last(
        string orderBy, string direction, string expected, string? alsoRight)
    {
        using var client = await FilledAsync();
        foreach (var limit in new[] { 1, 2, 3, 5, 8, 100 })
        {
            List<string> names = [];
            string? cursor = null;
            do
            {
                var page = (await client.PostAsync("contacts-list", new { order_by = orderBy, direction, limit, cursor })).Result;
                Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, limit);
                names.AddRange(Names(page));
                cursor = page.GetProperty("next_cursor").GetString();
            }
            while (cursor is not null);
            // A server without ICU sorts by code points.
            Assert.Contains(string.Join(' ', names), new[] { expected, alsoRight });
        }
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_filter_and_its_order()
    {
        using var client = await FilledAsync();
        var cursor = (await client.PostAsync("contacts-list", new { order_by = "city", limit = 2 })).Result.GetProperty("next_cursor")
            .GetString();
        foreach (
            var other in new object[] { new { cursor }, new { order_by = "city", direction = "desc", cursor },
            new { order_by = "city", cursor, query = "city = 'Oslo'" }, new { order_by = "state", cursor } })
        {
            (await client.PostAsync("contacts-list", other)).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        }

        // The same condition, as text and as JSON, has the same answer.
        var byText = (await client.PostAsync("contacts-list", new { query = "city IS NOT NULL", limit = 2 })).Result.GetProperty(
            "next_cursor").GetString();
        _ = (await client.PostAsync("contacts-list", new { filter = new { field = "city", op = "is_not_blank" }, cursor = byText })).Result;
    }

    [Theory]
    [InlineData("""{"filter": {"field": "city", "op": "eq", "value": "a"}, "query": "city = 'a'"}""", "query: conflict")]
    [InlineData("""{"filter": {"field": "town", "op": "eq", "value": "a"}}""", "filter.field: unknown_field")]
    [InlineData("""{"filter": {"field": "birthday", "op": "contains", "value": "a"}}""", "filter.op: invalid_operator")]
    [InlineData("""{"filter": {"field": "birthday", "op": "lt", "value": "31.12.1999"}}""", "filter.value: invalid_date")]
    [InlineData("""{"filter": []}""", "filter: wrong_type")]
    [InlineData("""{"query": "SELECT id FROM companies WHERE name = 'a'"}""", "query: invalid_query")]
    [InlineData("""{"query": "city = 'a'; DROP TABLE contacts"}""", "query: invalid_query")]
    [InlineData("""{"query": ""}""", "query: invalid_query")]
    [InlineData("""{"order_by": "tags"}""", "order_by: unknown_field")]
    [InlineData("""{"order_by": "city", "direction": "down"}""", "direction: invalid_choice")]
    [InlineData("""{"filters": {}}""", "filters: unknown_member")]
    public async Task What_cannot_be_meant_is_refused_with_the_member_named(string request, string detail)
    {
        using var client = app.CreateClient();
        Assert.Equal(
            [detail],
            (await client.PostAsync("contacts-list", request)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task A_refused_query_says_where_and_what_was_expected()
    {
        using var client = app.CreateClient();
        var refused = await client.PostAsync("contacts-list", new { query = "SELECT id FROM contacts WHERE city = 'Oslo' ORDER BY city" });
        var message = refused.Detail("query").Text("message");
        Assert.Contains("At position 45", message);
        Assert.Contains("expected", message);
    }

    [Theory]
    [InlineData("""{"estimate": true}""", 600)]
    [InlineData("""{"query": "city = 'Oslo'", "estimate": true}""", 200)]
    public async Task An_estimate_says_that_it_is_one_and_is_about_right(string request, int count)
    {
        var account = await app.CreateAccountAsync();
        // The planner takes a city to be as rare in an account as in the whole table, so no other account may have records.
        await using var seed = app.DataSource.CreateBatch();
        seed.BatchCommands.Add(new NpgsqlBatchCommand("delete from contacts"));
        seed.BatchCommands.Add(new NpgsqlBatchCommand("""
            insert into contacts (account_id, id, city, last_name, created_at, created_by, updated_at, updated_by)
            select $1, gen_random_uuid(), case n % 3 when 0 then 'Oslo' else 'Bergen' end, 'Ann', now(), $1, now(), $1
                from generate_series(1, 600) n
            """) { Parameters = { new() { Value = account.AccountId } } });
        seed.BatchCommands.Add(new NpgsqlBatchCommand("analyze contacts"));
        await seed.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        using var client = app.CreateClient(account);
        var estimate = (await client.PostAsync("contacts-count", request)).Result;
        Assert.False(estimate.GetProperty("exact").GetBoolean());
        Assert.InRange(estimate.GetProperty("count").GetInt32(), count / 2, count * 2);
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_stopped_and_says_so()
    {
        var account = (await app.CreateAccountAsync()).AccountId;
        await using (var seed = app.DataSource.CreateCommand("""
            insert into contacts (account_id, id, first_name, created_at, created_by, updated_at, updated_by)
            select $1, gen_random_uuid(), repeat('ab', 100), now(), $1, now(), $1 from generate_series(1, 20000)
            """))
        {
            seed.Parameters.AddWithValue(account);
            await seed.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        RecordQueries queries = new(app.DataSource) { Timeout = TimeSpan.FromMilliseconds(1) };
        var field = RecordTypes.Contacts.Find("first_name")!;
        RecordQuery slow = new(
            RecordTypes.Contacts, Or.Of(Enumerable.Range(0, 50).Select(i => new Comparison(field, FilterOperator.Contains, [$"a{i}c"]))));
        var refused = await Assert.ThrowsAsync<RecordQueryTimeoutException>(
            () => queries.CountAsync(slow, account, TestContext.Current.CancellationToken));
        Assert.Contains("longer than 0 s", refused.Message);
    }

    private async Task<HttpClient> FilledAsync()
    {
        var client = await app.CreateClientOfNewAsync();
        for (var i = 0; i < Cities.Length; i++)
        {
            _ = (await client.PostAsync("contacts-create", new
            {
                first_name = $"c{i}",
                email = $"c{i}@x.example",
                city = Cities[i],
                birthday = i < 5 ? $"{2000 - i}-01-01" : null,
                tags = i % 2 == 0 ? new[] { "Vip" } : [],
            })).Result;
            await Task.Delay(2, TestContext.Current.CancellationToken); // ids are in the order of time to the millisecond
        }

        return client;
    }

    private static IEnumerable<string> Names(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.Text("first_name")!);
}
