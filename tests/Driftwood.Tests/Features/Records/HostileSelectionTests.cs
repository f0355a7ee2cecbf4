using System.Globalization;
using System.Net.Http.Headers;
using Driftwood.Tests.Engine.Filters;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

/// <summary>
/// The service answers every filter or query, or refuses it as the caller's fault. No filter or query changes anything.
/// HostileFilterTests tests the resulting SQL.
/// </summary>
public sealed class HostileSelectionTests(RecordsApp app) : IClassFixture<RecordsApp>, IAsyncLifetime
{
    private static readonly (string Field, string Op, bool IsList)[] Comparisons =
    [
        ("city", "like", false), ("email", "starts_with", false), ("tags", "has_any_tag", true), ("birthday", "lt", false),
            ("created_by", "in", true),
        ("price", "lte", false), ("badge", "eq", false), ("interests", "has_all_tags", true),
    ];

    private HttpClient _client = null!;
    private string _before = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await app.CreateClientOfNewAsync();
        foreach (var (key, kind) in new[] { ("score", "integer"), ("price", "decimal"), ("badge", "text"), ("interests", "tags") })
        {
            _ = (await _client.PostAsync("fields-create", new { record_type = "contacts", key, kind, unique = key == "badge" })).Result;
        }

        for (var i = 0; i < 3; i++)
        {
            _ = (await _client.PostAsync(
                "contacts-create",
                new
                {
                    first_name = $"c{i}",
                    city = "Oslo",
                    tags = new[] { "Vip" },
                    custom = new { score = i, price = 1.5, badge = $"b{i}" }
                })).Result;
        }

        _before = (await _client.PostAsync("contacts-list", new { })).Text;
    }

    /// <summary>Checks that the table and all its rows still exist.</summary>
    public async ValueTask DisposeAsync()
    {
        var after = (await _client.PostAsync("contacts-list", new { })).Text;
        _client.Dispose();
        Assert.Equal(_before, after);
        Assert.Contains("\"c0\"", after, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HostileInputs.Texts), MemberType = typeof(HostileInputs))]
    public async Task A_hostile_text_changes_nothing(string text)
    {
        foreach (var (field, op, isList) in Comparisons) await PostEverywhereAsync("filter", HostileInputs.Filter(field, op, text, isList));
        await PostEverywhereAsync("filter", HostileInputs.Filter(text, "eq", "x", isList: false));
        await PostEverywhereAsync("filter", HostileInputs.Filter("city", text, "x", isList: false));
        await PostEverywhereAsync("filter", Json(text));
        foreach (var query in HostileInputs.Queries(text)) await PostEverywhereAsync("query", Json(query));
    }

    [Theory]
    [MemberData(nameof(HostileInputs.JsonValues), MemberType = typeof(HostileInputs))]
    public async Task A_hostile_value_changes_nothing(string value)
    {
        foreach (var (field, op, isList) in Comparisons)
        {
            await PostEverywhereAsync(
                "filter", $$"""{"field": "{{field}}", "op": "{{op}}", "value": {{(isList ? $"[{value}]" : value)}}}""");
        }

        await PostEverywhereAsync("filter", value);
        await PostEverywhereAsync("query", value);
        await PostEverywhereAsync("query", Json($"score = {value} OR city = {value}"));
    }

    [Theory]
    [MemberData(nameof(HostileInputs.BrokenNames), MemberType = typeof(HostileInputs))]
    public Task A_broken_name_changes_nothing(string filter) => PostEverywhereAsync("filter", filter);

    [Theory]
    [MemberData(nameof(HostileInputs.EndlessFilters), MemberType = typeof(HostileInputs))]
    public Task A_filter_ten_thousand_deep_changes_nothing(string before, string after) =>
        PostEverywhereAsync("filter", HostileInputs.EndlessFilter(before, after));

    [Theory]
    [MemberData(nameof(HostileInputs.EndlessQueries), MemberType = typeof(HostileInputs))]
    public async Task A_query_ten_thousand_deep_changes_nothing(string before, string middle, string after)
    {
        await PostEverywhereAsync("query", Json(HostileInputs.Endless(before, middle, after)));
        await PostEverywhereAsync("query", Json($"score = {HostileInputs.Endless(before, middle, after)}"));
    }

    [Fact]
    public async Task A_query_of_a_megabyte_changes_nothing()
    {
        foreach (var query in HostileInputs.Megabytes) await PostEverywhereAsync("query", Json(query));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_changes_nothing()
    {
        foreach (var query in new[] { "city = '\ud800'", "\udc00", "city = 'a\0b'", "\"\ud800\" = 'x'" })
        {
            await PostEverywhereAsync("query", Json(query));
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_change_nothing()
    {
        foreach (var route in new[] { "records-list", "records-count", "contacts-list" })
        {
            byte[] body = [.. """{"record_type": "contacts", "filter": """u8, .. HostileInputs.NoUtf8, (byte)'}'];
            using HttpRequestMessage request = new(HttpMethod.Post, $"/api/{route}") { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            AssertAnswered(await _client.AskAsync(request), route);
        }
    }

    private async Task PostEverywhereAsync(string member, string json)
    {
        var ofAnyType = $$"""{"record_type": "contacts", "{{member}}": {{json}}}""";
        AssertAnswered(await _client.PostAsync("records-list", ofAnyType), ofAnyType);
        AssertAnswered(await _client.PostAsync("records-count", ofAnyType), ofAnyType);
        AssertAnswered(await _client.PostAsync("contacts-list", $$"""{"{{member}}": {{json}}}"""), json);
    }

    private static void AssertAnswered(Answer answer, string request) => Assert.True(
        (int)answer.Status is 200 or (>= 400 and < 500 and not 401 and not 403 and not 404 and not 429),
        $"{(int)answer.Status} {answer.Text}\n{request[..Math.Min(request.Length, 1_000)]}");

    /// <summary>A JSON string of the exact text, even with halves of surrogate pairs. It escapes all but plain ASCII.</summary>
    private static string Json(string text) => $"\"{string.Concat(text.Select(Escape))}\"";

    private static string Escape(char c) =>
        c is < ' ' or > '~' or '"' or '\\' ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString();
}
