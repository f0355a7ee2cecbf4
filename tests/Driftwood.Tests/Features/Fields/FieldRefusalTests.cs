using System.Net;

namespace Driftwood.Tests.Features.Fields;

public sealed class FieldRefusalTests(FieldsApp app) : IClassFixture<FieldsApp>
{
    [Theory]
    [InlineData("""{}""", "record_type: required", "key: required", "kind: required")]
    [InlineData("""{"record_type": "people", "key": "tier", "kind": "text"}""", "record_type: invalid_choice")]
    [InlineData("""{"record_type": "contacts", "key": "Tier", "kind": "text"}""", "key: invalid_key")]
    [InlineData("""{"record_type": "contacts", "key": "1st", "kind": "text"}""", "key: invalid_key")]
    [InlineData("""{"record_type": "contacts", "key": "", "kind": "text"}""", "key: invalid_key")]
    [InlineData("""{"record_type": "contacts", "key": "a b", "kind": "text"}""", "key: invalid_key")]
    [InlineData("""{"record_type": "contacts", "key": "tier\n", "kind": "text"}""", "key: invalid_key")]
    [InlineData("""{"record_type": "contacts", "key": "\u00FCber", "kind": "text"}""", "key: invalid_key")]
    [InlineData(
        """{"record_type": "contacts", "key": "a234567890123456789012345678901234567890123456789012345678901234", "kind": "text"}""",
        "key: invalid_key")]
    [InlineData("""{"record_type": "contacts", "key": "email", "kind": "text"}""", "key: reserved")]
    [InlineData("""{"record_type": "contacts", "key": "__proto__", "kind": "text"}""", "key: reserved")]
    [InlineData("""{"record_type": "companies", "key": "name", "kind": "text"}""", "key: reserved")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "money"}""", "kind: invalid_choice")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "reference"}""", "kind: invalid_choice")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "text", "label": " "}""", "label: out_of_range")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "text", "label": "a\u0000"}""", "label: invalid_characters")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "boolean", "unique": true}""", "unique: not_applicable")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "tags", "unique": true}""", "unique: not_applicable")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "text", "options": ["a"]}""", "options: not_applicable")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "text", "options": []}""", "options: not_applicable")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "choice"}""", "options: required")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "choice", "options": []}""", "options: out_of_range")]
    [InlineData(
        """{"record_type": "contacts", "key": "tier", "kind": "choice", "options": ["a", " \u00A0", "A ", "b", "\u200BB"]}""",
        "options[1]: required", "options[2]: duplicate_value", "options[4]: duplicate_value")]
    [InlineData(
        """{"record_type": "contacts", "key": "tier", "kind": "choice", "options": ["a\u0000"]}""", "options[0]: invalid_characters")]
    [InlineData(
        """{"record_type": "contacts", "key": "tier", "kind": "choice", "options": ["\ud83d"]}""", "options[0]: invalid_characters")]
    [InlineData(
        """{"record_type": "contacts", "key": "tier", "kind": "choice", "options": [1, null]}""", "options[0]: wrong_type",
        "options[1]: wrong_type")]
    [InlineData("""{"record_type": "contacts", "key": "tier", "kind": "text", "slot": 1}""", "slot: unknown_member")]
    public async Task Refuses_a_field(string body, params string[] details)
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal(
            details,
            (await client.PostAsync("fields-create", body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Empty(await client.KeysAsync(new { }));
    }

    [Fact]
    public async Task Refuses_the_words_of_the_API_for_every_type()
    {
        using var client = await app.CreateClientAsync();
        string[] words =
        [
            "id", "account_id", "custom", "tags", "created_at", "created_by", "updated_at", "updated_by", "record_type", "fields", "limit",
                "cursor", "filter", "query",
        ];
        foreach (var key in words)
        {
            var refused = await client.PostAsync("fields-create", new { record_type = "sources", key, kind = "text" });
            Assert.Equal(["key: reserved"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        }
    }

    [Fact]
    public async Task A_refusal_lists_the_accounts_own_types_too()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        foreach (var refused in new[]
        {
            await client.PostAsync("fields-create", new { record_type = "ticket", key = "tier", kind = "text" }),
            await client.PostAsync("fields-list", new { record_type = "ticket" }),
        })
        {
            var detail = refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Detail("record_type");
            Assert.Equal(
                ["contacts", "companies", "sources", "tickets"],
                detail.GetProperty("accepted").EnumerateArray().Select(type => type.GetString()!));
            Assert.Equal(
                "Found \"ticket\", expected one of contacts, companies, sources, tickets.", detail.GetProperty("message").GetString());
        }
    }

    [Fact]
    public async Task Options_are_up_to_500_of_up_to_255_characters()
    {
        using var client = await app.CreateClientAsync();
        var most = Enumerable.Range(0, 500).Select(i => $"{i:000}" + string.Concat(Enumerable.Repeat("\U0001F600", 252))).ToArray();
        var field = (
            await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "tier", kind = "choice", options = most })).Result;
        Assert.Equal(500, field.GetProperty("options").GetArrayLength());
        var more = await client.PostAsync("fields-update", new { id = field.Id(), options = most.Append("x") });
        Assert.Equal(["options: out_of_range"], more.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        var longer = await client.PostAsync("fields-update", new { id = field.Id(), options = new[] { new string('x', 256) } });
        Assert.Equal(["options[0]: too_long"], longer.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task A_type_has_at_most_200_custom_fields_those_deleted_not_counted()
    {
        using var client = await app.CreateClientAsync();
        var first = await client.CreateFieldAsync("f0");
        foreach (var chunk in Enumerable.Range(1, 199).Chunk(8)) await Task.WhenAll(chunk.Select(i => client.CreateFieldAsync($"f{i}")));

        (await client.PostAsync("fields-create", new { record_type = "contacts", key = "f200", kind = "text" }))
            .Expect(HttpStatusCode.Conflict, "too_many_fields");
        (await client.PostAsync("fields-create", new { record_type = "contacts", key = "f1", kind = "text" }))
            .Expect(HttpStatusCode.Conflict, "already_exists");
        await client.CreateFieldAsync("f200", type: "companies");
        _ = (await client.PostAsync("fields-delete", new { id = first.Id() })).Result;
        await client.CreateFieldAsync("f200");
    }

    [Theory]
    [InlineData("text", """{"kind": "date"}""", "kind: unknown_member")]
    [InlineData("text", """{"key": "other"}""", "key: unknown_member")]
    [InlineData("text", """{"record_type": "companies"}""", "record_type: unknown_member")]
    [InlineData("text", """{"label": ""}""", "label: out_of_range")]
    [InlineData("text", """{"options": ["a"]}""", "options: not_applicable")]
    [InlineData("boolean", """{"unique": true}""", "unique: not_applicable")]
    [InlineData("tags", """{"unique": true, "options": []}""", "unique: not_applicable", "options: not_applicable")]
    public async Task Refuses_a_change(string kind, string changes, params string[] details)
    {
        using var client = await app.CreateClientAsync();
        var field = await client.CreateFieldAsync("tier", kind);
        var body = changes.Insert(1, $"\"id\": \"{field.Id()}\", ");
        Assert.Equal(
            details,
            (await client.PostAsync("fields-update", body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal(field.GetRawText(), (await client.PostAsync("fields-get", new { id = field.Id() })).Result.GetRawText());
    }

    [Fact]
    public async Task Another_accounts_field_answers_like_one_that_never_was()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var foreign = (await other.CreateFieldAsync("tier")).Id();
        foreach (var route in new[] { "fields-get", "fields-update", "fields-delete" })
        {
            var random = Guid.CreateVersion7();
            var found = (await client.PostAsync(route, new { id = foreign })).Expect(HttpStatusCode.NotFound, "not_found");
            var expected = (await client.PostAsync(route, new { id = random })).Expect(HttpStatusCode.NotFound, "not_found");
            Assert.Equal(Plain(expected, random), Plain(found, foreign));
        }

        Assert.Empty(await client.KeysAsync(new { }));
        Assert.Equal(["tier"], await other.KeysAsync(new { }));
    }

    [Fact]
    public async Task Every_route_needs_a_token_and_its_scope()
    {
        using var stranger = app.CreateStranger();
        using var reader = app.CreateClient(await app.CreateAccountAsync("read"));
        using var writer = app.CreateClient(await app.CreateAccountAsync("write"));
        foreach (
            var route in from noun in new[] { "fields", "record-types" }
                         from verb in new[] { "create", "get", "list", "update",
            "delete" }
                         select (noun, verb))
        {
            (await stranger.PostAsync($"{route.noun}-{route.verb}", "{}")).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
            (await (route.verb is "get" or "list" ? writer : reader).PostAsync($"{route.noun}-{route.verb}", "{}"))
                .Expect(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    private static string Plain(Answer answer, Guid id) => answer.Text
        .Replace(answer.Error.GetProperty("request_id").GetString()!, "(request)", StringComparison.Ordinal)
        .Replace(id.ToString(), "(id)", StringComparison.Ordinal);
}
