using System.Net;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordIsolationTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    private readonly HttpClient _client = app.CreateClient();
    private readonly HttpClient _other = app.CreateClientOfOther();

    public static TheoryData<string, string> Routes =>
        [.. RecordTypes.BuiltIn.SelectMany(type => new[] { "get", "update", "delete" }.Select(verb => (type.Key, verb)))];

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Anothers_record_is_as_absent_as_one_that_never_was(string type, string verb)
    {
        var field = RecordTypes.Find(type)!.AnyOf.Count > 0 ? "first_name" : "name";
        var made = (await _other.PostAsync($"{type}-create", $$"""{"{{field}}":"theirs {{verb}}","description":"untouched"}""")).Result;
        var foreign = made.GetProperty("id").GetGuid();
        string[] changes = verb == "update" ? ["", "\"description\":\"mine\"", "\"description\":null", $"\"{field}\":null"] : [""];
        foreach (var change in changes)
        {
            var separator = change.Length > 0 ? "," : "";
            await SameAsync(foreign, $"{type}-{verb}", id => $$"""{"id":"{{id}}"{{separator}}{{change}}}""");
            var fields = verb == "update" ? $$$""","fields":{{{{change}}}}""" : "";
            await SameAsync(foreign, $"records-{verb}", id => $$"""{"record_type":"{{type}}","id":"{{id}}"{{fields}}}""");
        }

        Assert.Equal(made.GetRawText(), (await _other.PostAsync($"{type}-get", new { id = foreign })).Result.GetRawText());
    }

    [Fact]
    public async Task Records_of_another_type_or_account_cannot_be_pointed_to()
    {
        var theirs = (await _other.PostAsync("companies-create", new { name = "theirs" })).Result.GetProperty("id").GetGuid();
        var mine = (await _client.PostAsync("sources-create", new { name = "mine" })).Result.GetProperty("id").GetGuid();
        var contact = (await _client.PostAsync("contacts-create", new { first_name = "Mine" })).Result.GetProperty("id").GetGuid();
        foreach (var company in new[] { theirs, mine, Guid.NewGuid() })
        {
            var refusals = new[]
            {
                await _client.PostAsync("contacts-create", new { first_name = "Jane", company_id = company }),
                await _client.PostAsync("contacts-update", new { id = contact, company_id = company }),
            };
            Assert.All(
                refusals, refusal =>
                Assert.Equal(["company_id: not_found"], refusal.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details));
        }
    }

    [Fact]
    public async Task Lists_counts_tags_and_unique_values_know_only_their_account()
    {
        using var client = await app.CreateClientOfNewAsync();
        _ = (await _other.PostAsync(
            "contacts-create", new { email = "both@example.com", external_id = "both", tags = new[] { "theirs" } })).Result;
        _ = (await client.PostAsync(
            "contacts-create", new { email = "both@example.com", external_id = "both", tags = new[] { "mine" } })).Result;
        Assert.Equal(1, (await client.PostAsync("contacts-count", new { })).Result.GetProperty("count").GetInt64());
        Assert.Equal(1, (await client.PostAsync("contacts-list", new { })).Result.GetProperty("items").GetArrayLength());
        var tag = Assert.Single((await client.PostAsync("tags-list", new { })).Result.GetProperty("items").EnumerateArray());
        Assert.Equal("mine", tag.GetProperty("tag").GetString());
    }

    [Fact]
    public async Task Every_route_needs_a_token_and_its_scope()
    {
        using var stranger = app.CreateStranger();
        using var reader = app.CreateClient(await app.CreateAccountAsync("read"));
        using var writer = app.CreateClient(await app.CreateAccountAsync("write"));
        foreach (var noun in RecordTypes.BuiltIn.Select(type => type.Key).Append("records"))
        {
            foreach (var verb in new[] { "create", "get", "list", "count", "update", "delete" })
            {
                (await stranger.PostAsync($"{noun}-{verb}", "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
                var reads = verb is "get" or "list" or "count";
                (await (reads ? writer : reader).PostAsync($"{noun}-{verb}", "{}")).Expect(HttpStatusCode.Forbidden, "forbidden");
            }
        }
    }

    private async Task SameAsync(Guid foreign, string route, Func<Guid, string> body)
    {
        var random = Guid.CreateVersion7();
        var found = (await _client.PostAsync(route, body(foreign))).Expect(HttpStatusCode.NotFound, "not_found");
        var expected = (await _client.PostAsync(route, body(random))).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(Plain(expected, random), Plain(found, foreign));
    }

    private static string Plain(Answer answer, Guid id) => answer.Text
        .Replace(answer.Error.GetProperty("request_id").GetString()!, "(request)", StringComparison.Ordinal)
        .Replace(id.ToString(), "(id)", StringComparison.Ordinal);
}
