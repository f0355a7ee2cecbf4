using System.Net;
using System.Text.Json;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordsTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    private readonly HttpClient _client = app.CreateClient();

    [Fact]
    public async Task A_contact_is_answered_whole_in_the_order_of_its_fields()
    {
        var company = await CreateAsync("companies", new { name = "Acme", employee_count = 120, annual_revenue = 4500000.50m });
        var source = await CreateAsync("sources", new { name = "Fair" });
        var created = (await _client.PostAsync("contacts-create", new
        {
            first_name = " Jane\u00A0",
            email = "Jane@Example.com",
            phone = "+1-555-0100",
            company_id = Id(company).ToString().ToUpperInvariant(),
            source_id = Id(source),
            website = "https://example.com/a?b=c&d=\u00E9#e",
            birthday = "1990/2/8",
            address = "Stra\u00DFe 1 <b>&\"'\n\u0001\u2028",
            description = "  ",
            custom = new { },
            tags = new[] { "VIP", "beta \u00A0 tester", "vip", "\U0001F600" },
        })).Result;
        string[] members = [
            "id", .. RecordTypes.Contacts.Columns.Select(field => field.Key), "custom", "tags", "created_at", "created_by", "updated_at",
            "updated_by"];
        Assert.Equal(members, created.EnumerateObject().Select(member => member.Name));
        Assert.Equal("Jane", created.GetProperty("first_name").GetString());
        Assert.Equal("Jane@Example.com", created.GetProperty("email").GetString());
        Assert.Equal("Stra\u00DFe 1 <b>&\"'\n\u0001", created.GetProperty("address").GetString());
        Assert.Equal("1990-02-08", created.GetProperty("birthday").GetString());
        Assert.Equal(Id(company), created.GetProperty("company_id").GetGuid());
        Assert.Equal(JsonValueKind.Null, created.GetProperty("description").ValueKind);
        Assert.Equal(JsonValueKind.Null, created.GetProperty("last_name").ValueKind);
        Assert.Equal("{}", created.GetProperty("custom").GetRawText());
        Assert.Equal(["VIP", "beta tester", "\U0001F600"], Tags(created));
        Assert.Equal(app.Account.UserId, created.GetProperty("created_by").GetGuid());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$", created.GetProperty("created_at").GetString());
        Assert.Equal(7, Id(created).Version);
        Assert.Equal(created.GetRawText(), (await _client.PostAsync("contacts-get", new { id = Id(created) })).Result.GetRawText());
        Assert.Equal("120", company.GetProperty("employee_count").GetRawText());
        Assert.Equal("4500000.50", company.GetProperty("annual_revenue").GetRawText());
    }

    [Theory]
    [InlineData("contacts", "first_name")]
    [InlineData("companies", "name")]
    [InlineData("sources", "name")]
    public async Task Both_families_of_routes_do_the_same(string type, string field)
    {
        using var client = await app.CreateClientOfNewAsync();
        var one = (await client.PostAsync("records-create", $$$"""{"record_type":"{{{type}}}","fields":{"{{{field}}}":"one"}}""")).Result;
        var two = (await client.PostAsync($"{type}-create", $$"""{"{{field}}":"two"}""")).Result;
        await BothAsync("get", new { record_type = type, id = Id(one) }, new { id = Id(one) });
        Assert.Equal(2, (await BothAsync("count", new { record_type = type }, new { })).GetProperty("count").GetInt64());
        var list = await BothAsync("list", new { record_type = type, limit = 10 }, new { limit = 10 });
        Assert.Equal([Id(two), Id(one)], list.GetProperty("items").EnumerateArray().Select(Id));
        var updated = (
            await client.PostAsync("records-update", new { record_type = type, id = Id(one), fields = new { description = "a" } })).Result;
        Assert.Equal("a", updated.GetProperty("description").GetString());
        Assert.Equal("one", updated.GetProperty(field).GetString());
        updated = (await client.PostAsync($"{type}-update", new { id = Id(one), description = "b" })).Result;
        Assert.Equal("b", updated.GetProperty("description").GetString());
        Assert.True(
            (await client.PostAsync("records-delete", new { record_type = type, id = Id(one) })).Result.GetProperty("deleted")
            .GetBoolean());
        Assert.True((await client.PostAsync($"{type}-delete", new { id = Id(two) })).Result.GetProperty("deleted").GetBoolean());
        (await client.PostAsync($"{type}-delete", new { id = Id(two) })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(0, (await client.PostAsync($"{type}-count", new { })).Result.GetProperty("count").GetInt64());

        async Task<JsonElement> BothAsync(string verb, object any, object typed)
        {
            var first = (await client.PostAsync($"records-{verb}", any)).Result;
            var second = (await client.PostAsync($"{type}-{verb}", typed)).Result;
            Assert.Equal(first.GetRawText(), second.GetRawText());
            return first;
        }
    }

    [Fact]
    public async Task An_update_keeps_what_it_does_not_mention_and_blanks_what_is_null_or_blank()
    {
        var contact = await CreateAsync(
            "contacts",
            new
            {
                first_name = "Ann",
                last_name = "Lee",
                city = "Oslo",
                country = "Norway",
                birthday = "1990-02-28",
                tags = new[] { "a", "b" }
            });
        var updated = await UpdateAsync(contact, """{"last_name": null, "city": " ", "birthday": "1991-03-01", "tags": ["c"]}""");
        Assert.Equal("Ann", updated.GetProperty("first_name").GetString());
        Assert.Equal(JsonValueKind.Null, updated.GetProperty("last_name").ValueKind);
        Assert.Equal(JsonValueKind.Null, updated.GetProperty("city").ValueKind);
        Assert.Equal("Norway", updated.GetProperty("country").GetString());
        Assert.Equal("1991-03-01", updated.GetProperty("birthday").GetString());
        Assert.Equal(["c"], Tags(updated));
        Assert.Equal(contact.GetProperty("created_at").GetString(), updated.GetProperty("created_at").GetString());
        Assert.True(updated.GetProperty("updated_at").GetDateTimeOffset() >= contact.GetProperty("updated_at").GetDateTimeOffset());
        Assert.Empty(Tags(await UpdateAsync(contact, """{"tags": null}""")));
    }

    [Fact]
    public async Task An_update_that_mentions_nothing_changes_nothing()
    {
        var contact = await CreateAsync("contacts", new { first_name = "Still", email = "Still@example.com", tags = new[] { "a" } });
        Assert.Equal(contact.GetRawText(), (await UpdateAsync(contact, "{}")).GetRawText());
        Assert.Equal(contact.GetRawText(), (await UpdateAsync(contact, """{"custom": {}}""")).GetRawText());
        const string Same = """{"first_name": " Still", "email": "Still@example.com", "city": null, "tags": ["a"]}""";
        Assert.Equal(contact.GetRawText(), (await UpdateAsync(contact, Same)).GetRawText());
        Assert.Equal(1, await ChangesAsync(contact));
        var changed = await UpdateAsync(contact, """{"first_name": "still"}""");
        Assert.NotEqual(contact.GetProperty("updated_at").GetString(), changed.GetProperty("updated_at").GetString());
        Assert.Equal(2, await ChangesAsync(contact));
    }

    [Fact]
    public async Task A_match_key_follows_its_value()
    {
        var contact = await CreateAsync("contacts", new { email = "First@Example.com" });
        await UpdateAsync(contact, """{"email": "second@example.com"}""");
        await CreateAsync("contacts", new { email = "first@example.com" });
        var clash = await _client.PostAsync("contacts-create", new { email = " SECOND@example.com" });
        Assert.Equal(["email: duplicate_value"], clash.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task Deleting_a_company_or_source_leaves_its_contacts_without_it()
    {
        var company = await CreateAsync("companies", new { name = "Gone" });
        var source = await CreateAsync("sources", new { name = "Gone" });
        var contact = await CreateAsync("contacts", new { first_name = "Left", company_id = Id(company), source_id = Id(source) });
        _ = (await _client.PostAsync("companies-delete", new { id = Id(company) })).Result;
        _ = (await _client.PostAsync("sources-delete", new { id = Id(source) })).Result;
        var left = (await _client.PostAsync("contacts-get", new { id = Id(contact) })).Result;
        Assert.Equal(JsonValueKind.Null, left.GetProperty("company_id").ValueKind);
        Assert.Equal(JsonValueKind.Null, left.GetProperty("source_id").ValueKind);
    }

    [Fact]
    public async Task A_create_repeated_with_its_key_makes_one_record()
    {
        using var client = await app.CreateClientOfNewAsync();
        var first = await client.PostAsync("contacts-create", new { email = "once@example.com" }, ("Idempotency-Key", "once"));
        var again = await client.PostAsync("contacts-create", new { email = "once@example.com" }, ("Idempotency-Key", "once"));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(1, (await client.PostAsync("contacts-count", new { })).Result.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task A_create_refused_by_the_database_may_be_tried_again_with_its_key()
    {
        using var client = await app.CreateClientOfNewAsync();
        var first = (await client.PostAsync("contacts-create", new { email = "taken@example.com" })).Result;
        var refused = await client.PostAsync("contacts-create", new { email = "taken@example.com" }, ("Idempotency-Key", "again"));
        refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        _ = (await client.PostAsync("contacts-delete", new { id = Id(first) })).Result;
        _ = (await client.PostAsync("contacts-create", new { email = "taken@example.com" }, ("Idempotency-Key", "again"))).Result;
    }

    private async Task<JsonElement> CreateAsync(string type, object fields) => (await _client.PostAsync($"{type}-create", fields)).Result;

    private async Task<JsonElement> UpdateAsync(JsonElement record, string fields) =>
        (await _client.PostAsync("records-update", $$"""{"record_type":"contacts","id":"{{Id(record)}}","fields":{{fields}}}""")).Result;

    private async Task<int> ChangesAsync(JsonElement contact) => (await _client.PostAsync(
        "records-history", new { record_type = "contacts", id = Id(contact) })).Result.GetProperty("items").GetArrayLength();

    private static Guid Id(JsonElement record) => record.GetProperty("id").GetGuid();

    private static IEnumerable<string?> Tags(JsonElement record) =>
        record.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString());
}
