using System.Net;
using System.Text.Json;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordRefusalTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    private readonly HttpClient _client = app.CreateClient();

    [Theory]
    [InlineData("""{}""", "email: required")]
    [InlineData("""{"city": "Oslo"}""", "email: required")]
    [InlineData("""{"first_name": " \u00A0", "email": null}""", "email: required")]
    [InlineData("""{"first_name": 42}""", "first_name: wrong_type")]
    [InlineData("""{"first_name": ["a"]}""", "first_name: wrong_type")]
    [InlineData("""{"first_name": true}""", "first_name: wrong_type")]
    [InlineData("""{"email": "jane@@example"}""", "email: invalid_email")]
    [InlineData("""{"email": "a@b.example", "phone": "call me"}""", "phone: invalid_phone")]
    [InlineData("""{"email": "a@b.example", "website": "javascript:alert(1)"}""", "website: invalid_url")]
    [InlineData("""{"email": "a@b.example", "birthday": "2023-02-29"}""", "birthday: invalid_date")]
    [InlineData("""{"email": "a@b.example", "birthday": 20230228}""", "birthday: wrong_type")]
    [InlineData("""{"email": "a@b.example", "company_id": "17"}""", "company_id: not_found")]
    [InlineData("""{"email": "a@b.example", "company_id": 17}""", "company_id: wrong_type")]
    [InlineData("""{"email": "a@b.example", "company_id": "00000000-0000-0000-0000-000000000000"}""", "company_id: not_found")]
    [InlineData("""{"email": "a@b.example", "source_id": "550e8400-e29b-41d4-a716-446655440000"}""", "source_id: not_found")]
    [InlineData("""{"email": "a@b.example", "tags": "vip"}""", "tags: wrong_type")]
    [InlineData("""{"email": "a@b.example", "tags": ["a", 1]}""", "tags[1]: wrong_type")]
    [InlineData("""{"email": "a@b.example", "tags": [null]}""", "tags[0]: wrong_type")]
    [InlineData("""{"email": "a@b.example", "custom": {"a": 1}}""", "custom.a: unknown_member")]
    [InlineData("""{"email": "a@b.example", "custom": []}""", "custom: wrong_type")]
    [InlineData("""{"fisrt_name": "Jane"}""", "fisrt_name: unknown_member")]
    [InlineData("""{"email": "a@b.example", "id": "550e8400-e29b-41d4-a716-446655440000"}""", "id: read_only")]
    [InlineData("""{"email": "a@b.example", "account_id": null}""", "account_id: read_only")]
    [InlineData(
        """{"email": "a@b.example", "created_at": "2025-01-01T00:00:00Z", "updated_by": "x"}""", "created_at: read_only",
        "updated_by: read_only")]
    [InlineData("""{"email": "a@b.example", "email": "b@b.example"}""", "email: duplicate_member")]
    [InlineData("""{"email": "a\u0000@b.example"}""", "email: invalid_characters")]
    [InlineData("""{"first_name": "\ud83d"}""", "first_name: invalid_characters")]
    [InlineData("""{"tags": ["\ude00\ud83d"]}""", "tags[0]: invalid_characters")]
    [InlineData("""{"email": "nope", "phone": "x", "tags": {}}""", "email: invalid_email", "phone: invalid_phone", "tags: wrong_type")]
    public async Task Refuses_a_contact(string fields, params string[] details)
    {
        var typed = await _client.PostAsync("contacts-create", fields);
        Assert.Equal(details, typed.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        var any = await _client.PostAsync("records-create", $$"""{"record_type":"contacts","fields":{{fields}}}""");
        Assert.Equal(
            details.Select(detail => "fields." + detail), any.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Theory]
    [InlineData("""{}""", "name: required")]
    [InlineData("""{"name": " "}""", "name: required")]
    [InlineData("""{"name": "a", "employee_count": "12"}""", "employee_count: wrong_type")]
    [InlineData("""{"domain": "nameless.example", "employee_count": "many"}""", "employee_count: wrong_type", "name: required")]
    [InlineData("""{"name": 17}""", "name: wrong_type")]
    [InlineData("""{"name": "a", "employee_count": 1.5}""", "employee_count: invalid_integer")]
    [InlineData("""{"name": "a", "employee_count": 9223372036854775808}""", "employee_count: invalid_integer")]
    [InlineData("""{"name": "a", "annual_revenue": 1e400}""", "annual_revenue: invalid_decimal")]
    [InlineData("""{"name": "a", "annual_revenue": false}""", "annual_revenue: wrong_type")]
    [InlineData("""{"name": "a", "domain": "javascript:alert(1)%2f%2f@example.com"}""", "domain: invalid_url")]
    public async Task Refuses_a_company(string fields, params string[] details) =>
        Assert.Equal(
            details,
            (await _client.PostAsync("companies-create", fields)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);

    [Theory]
    [InlineData("contacts", "email", """{"email": "jane@dup.example"}""", """{"email": " JANE@dup.example"}""")]
    [InlineData("contacts", "external_id", """{"external_id": "c-1"}""", """{"external_id": "c-1 "}""")]
    [InlineData(
        "companies", "domain", """{"name": "a", "domain": "https://www.dup.example/x"}""", """{"name": "b", "domain": "DUP.example"}""")]
    [InlineData("companies", "external_id", """{"name": "a", "external_id": "x"}""", """{"name": "b", "external_id": "x"}""")]
    [InlineData("sources", "name", """{"name": "Trade  Fair"}""", """{"name": " trade fair"}""")]
    [InlineData("sources", "external_id", """{"name": "a", "external_id": "x"}""", """{"name": "b", "external_id": "x"}""")]
    public async Task A_unique_value_is_held_by_one_record(string type, string field, string first, string second)
    {
        using var client = await app.CreateClientOfNewAsync();
        _ = (await client.PostAsync($"{type}-create", first)).Result;
        var refused = await client.PostAsync($"{type}-create", second);
        Assert.Equal([$"{field}: duplicate_value"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal(1, (await client.PostAsync($"{type}-count", new { })).Result.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Names_of_companies_and_case_of_external_ids_are_free()
    {
        foreach (var externalId in new[] { "free", "FREE" })
        {
            _ = (await _client.PostAsync("companies-create", new { name = "Twin", external_id = externalId })).Result;
        }
    }

    [Fact]
    public async Task Update_refuses_what_would_leave_no_valid_record()
    {
        var company = (await _client.PostAsync("companies-create", new { name = "Kept" })).Result.GetProperty("id").GetGuid();
        Assert.Equal(["name: required"], (await _client.PostAsync("companies-update", new { id = company, name = "" })).Details);
        var contact = (await _client.PostAsync("contacts-create", new { email = "only@example.com" })).Result.GetProperty("id").GetGuid();
        Assert.Equal(
            ["email: required"],
            (await _client.PostAsync("contacts-update", new { id = contact, email = (string?)null, city = "Oslo" })).Details);
        var moved = (await _client.PostAsync("contacts-update", new { id = contact, email = (string?)null, phone = "+4722334455" })).Result;
        Assert.Equal(JsonValueKind.Null, moved.GetProperty("email").ValueKind);
        Assert.Equal(
            ["fields.company_id: not_found"],
            (await _client.PostAsync(
            "records-update", new { record_type = "contacts", id = contact, fields = new { company_id = Guid.NewGuid() } })).Details);
    }

    [Theory]
    [InlineData("contacts-update", """{"first_name": "a"}""", "id: required")]
    [InlineData("contacts-update", """{"id": "17", "nope": 1}""", "id: invalid_uuid", "nope: unknown_member")]
    [InlineData("contacts-update", """{"id": 17}""", "id: wrong_type")]
    [InlineData("contacts-update", """{"id": null}""", "id: wrong_type")]
    [InlineData("contacts-get", """{"id": "17"}""", "id: invalid_uuid")]
    [InlineData("contacts-get", """{}""", "id: required")]
    [InlineData(
        "contacts-get", """{"id": "550e8400-e29b-41d4-a716-446655440000", "record_type": "contacts"}""", "record_type: unknown_member")]
    [InlineData(
        "records-get", """{"record_type": "people", "id": "550e8400-e29b-41d4-a716-446655440000"}""", "record_type: invalid_choice")]
    [InlineData("records-create", """{"record_type": "contacts", "first_name": "a"}""", "first_name: unknown_member", "fields: required")]
    [InlineData("records-create", """{"record_type": "contacts", "fields": []}""", "fields: wrong_type")]
    [InlineData(
        "records-update",
        """{"record_type": "contacts", "id": "550e8400-e29b-41d4-a716-446655440000","""
            + """ "fields": {"id": "550e8400-e29b-41d4-a716-446655440000"}}""",
        "fields.id: read_only")]
    [InlineData("contacts-list", """{"limit": 1001}""", "limit: out_of_range")]
    [InlineData("contacts-list", """{"limit": 0}""", "limit: out_of_range")]
    [InlineData("contacts-list", """{"filter": {}}""", "filter.field: required")]
    [InlineData("contacts-count", """{"query": ""}""", "query: invalid_query")]
    [InlineData("records-count", """{}""", "record_type: required")]
    public async Task Refuses_a_request(string route, string body, params string[] details) =>
        Assert.Equal(
            details, (await _client.PostAsync(route, body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);

    [Fact]
    public async Task A_refusal_says_what_was_found_expected_and_accepted()
    {
        var refused = await _client.PostAsync("companies-create", """{"name": "a", "employee_count": true, "emploee_count": 1}""");
        Assert.Equal(
            "Found a boolean, expected a whole number or null.", refused.Detail("employee_count").GetProperty("message").GetString());
        var accepted = refused.Detail("emploee_count").GetProperty("accepted").EnumerateArray().Select(name => name.GetString());
        Assert.Equal(
            ["external_id", "name", "domain", "website", "phone", "industry", "employee_count", "annual_revenue", "address", "city",
                "state", "postal_code", "country", "description", "tags", "custom"],
            accepted);
    }

    [Fact]
    public async Task Thousands_of_faults_are_told_by_the_first_hundred()
    {
        var members = string.Join(",", Enumerable.Range(0, 50_000).Select(i => $"\"m{i}\":{i}"));
        var refused = await _client.PostAsync("contacts-create", $"{{{members}}}");
        Assert.Equal(100, refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details.Length);
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_refused()
    {
        using var client = await app.CreateClientOfNewAsync();
        for (var i = 0; i < 2; i++) _ = (await client.PostAsync("contacts-create", new { first_name = $"c{i}" })).Result;
        var cursor = (await client.PostAsync("contacts-list", new { limit = 1 })).Result.GetProperty("next_cursor").GetString();
        foreach (var route in new[] { "companies-list", "tags-list" })
        {
            (await client.PostAsync(route, new { cursor })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        }

        (await _client.PostAsync("contacts-list", new { cursor })).Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
    }
}
