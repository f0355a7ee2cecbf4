using System.Net;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Tests the requests that imports-confirm refuses. Each refusal says what is accepted, and starts nothing.</summary>
public sealed class ConfirmRefusalTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Columns = "email,first_name,external_id,phone";

    public static TheoryData<string, string, string[]> Refusals => new()
    {
        { """{"Nope":"email"}""", "column_mapping.Nope: unknown_column", ["email", "first_name", "external_id", "phone"] },
        { """{"email":"e_mail"}""", "column_mapping.email: unknown_field", ["first_name", "email", "tags", "external_id", "id"] },
        { """{"email":"account_id"}""", "column_mapping.email: unknown_field", ["email"] },
        { """{"email":"updated_at"}""", "column_mapping.email: unknown_field", ["email"] },
        { """{"email":"email","phone":"email"}""", "column_mapping.phone: duplicate_field", [] },
        { """{"email":null}""", "column_mapping: required", ["email"] },
        { "{}", "column_mapping: required", [] },
        { """{"phone":"city"}""", "column_mapping: required", ["email", "phone", "first_name", "last_name", "external_id"] },
        { """{"email":"email","external_id":"id"}""", "match_on: conflict", ["id"] },
        { """{"email":"email"},"match_on":"phone" """, "match_on: not_mapped", ["email"] },
        { """{"email":"email"},"match_on":"city" """, "match_on: invalid_choice", ["email", "external_id", "phone", "id"] },
        { """{"email":"email"},"duplicate_strategy":"replace" """, "duplicate_strategy: invalid_choice", ["skip", "merge", "overwrite"] },
        { """{"email":"email"},"mode":"insert" """, "mode: invalid_choice", ["upsert", "create_only", "update_only"] },
        { """{"email":"email"},"mode":"update_only" """, "mode: conflict", [] },
        { """{"email":"email"},"mode":"update_only","duplicate_strategy":"skip" """, "mode: conflict", [] },
        { """{"email":"email"},"mode":"update_only","duplicate_strategy":"merge","match_on":null,"column_mapping_2":{} """,
            "column_mapping_2: unknown_member", [] },
        { """{"email":"email"},"blank_cells":"clear" """, "blank_cells: conflict", [] },
        { """{"email":"email"},"blank_cells":"drop","duplicate_strategy":"merge" """, "blank_cells: invalid_choice", ["keep", "clear"] },
        { """{"email":"email"},"tag_delimiter":"" """, "tag_delimiter: too_long", [] },
        { """{"email":"email"},"tag_delimiter":"12345678901" """, "tag_delimiter: too_long", [] },
        { """{"email":"email"},"add_tags":["a\u0000b"] """, "add_tags[0]: invalid_characters", [] },
        { """{"email":"email"},"add_tags":"vip" """, "add_tags: wrong_type", [] },
        { """{"email":"email"},"dupliacte_strategy":"merge" """, "dupliacte_strategy: unknown_member",
            ["column_mapping", "duplicate_strategy"] },
        { """{"email":7}""", "column_mapping.email: wrong_type", [] },
        { """["email"]""", "column_mapping: wrong_type", [] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refused_and_told_what_is_accepted(string mapping, string detail, string[] accepted)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Columns + "\na@example.com,Ann,,\n");
        var refused = (await client.PostAsync("imports-confirm", $$"""{"id":"{{id}}","column_mapping":{{mapping}}}"""))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        Assert.Equal([detail], refused.Details);
        var told = refused.Error.GetProperty("details")[0];
        string[] named = told.TryGetProperty("accepted", out var list) ? [.. list.EnumerateArray().Select(word => word.GetString()!)] : [];
        Assert.Empty(accepted.Except(named));
        Assert.Equal("uploaded", (await client.PostAsync("imports-get", new { id })).Result.Text("status"));
    }

    [Theory]
    [InlineData("skip", "upsert", true)]
    [InlineData("overwrite", "update_only", true)]
    [InlineData("merge", "update_only", false)]
    public async Task A_required_field_must_be_mapped_where_records_are_created_or_overwritten(string strategy, string mode, bool refused)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("domain,name\nacme.example,Acme\n", "companies");
        var answer = await client.PostAsync(
            "imports-confirm", new { id, column_mapping = new { domain = "domain" }, duplicate_strategy = strategy, mode });
        if (!refused)
        {
            Assert.Equal("completed 1: 0/0/1/0", (await client.FinishAsync(id)).Outcome());
            return;
        }

        Assert.Equal(["column_mapping: required"], answer.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Contains("name", answer.Detail("column_mapping").GetProperty("accepted").EnumerateArray().Select(word => word.GetString()));
    }

    [Fact]
    public async Task Several_mistakes_are_told_at_once()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(Columns + "\na@example.com,Ann,,\n");
        var refused = await client.PostAsync("imports-confirm", """
            {"id":"ID","column_mapping":{"Nope":"email","email":"nope","phone":"phone","first_name":"phone"},"match_on":"city"}
            """.Replace("ID", id.ToString(), StringComparison.Ordinal));
        Assert.Equal(
            ["column_mapping.Nope: unknown_column", "column_mapping.email: unknown_field", "column_mapping.first_name: duplicate_field",
                "match_on: invalid_choice"],
            refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task However_much_is_wrong_a_hundred_mistakes_are_told()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email\na@example.com\n");
        var mapping = Enumerable.Range(0, 5_000).ToDictionary(n => $"column {n}", _ => "email");

        var answer = (await client.PostAsync("imports-confirm", new { id, column_mapping = mapping }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        Assert.Equal(100, answer.Details.Length);
        Assert.True(answer.Text.Length < 50_000, $"{answer.Text.Length} characters");
    }

    [Fact]
    public async Task An_import_without_a_completed_upload_cannot_be_confirmed()
    {
        using var client = await app.CreateClientAsync();
        var pending = await client.PutFileAsync("email\na@example.com\n"u8.ToArray());
        (await client.ConfirmAsync(pending, "email")).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal("pending", (await client.PostAsync("imports-get", new { id = pending })).Result.Text("status"));
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("[]", HttpStatusCode.UnprocessableEntity, "validation_failed")]
    [InlineData("""{"id":1}""", HttpStatusCode.UnprocessableEntity, "validation_failed")]
    [InlineData("""{"id":"x","cursor":1,"limit":"a","wrong":true}""", HttpStatusCode.UnprocessableEntity, "validation_failed")]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity, "validation_failed")]
    public async Task Bodies_that_do_not_fit_are_refused_on_every_route(string body, HttpStatusCode status, string code)
    {
        using var client = await app.CreateClientAsync();
        foreach (
            var route in new[] { "imports-request-upload", "imports-complete-upload", "imports-confirm", "imports-get", "imports-errors",
            "imports-list" })
        {
            if (route == "imports-list" && body == "{}") continue;
            (await client.PostAsync(route, body)).Expect(status, code);
        }
    }

    [Fact]
    public async Task Requests_for_an_upload_are_held_to_their_rules()
    {
        using var client = await app.CreateClientAsync();
        (string Body, string Detail)[] cases =
        [
            ("""{"model_type":"people","file_name":"a.csv","content_type":"text/csv"}""", "model_type: invalid_choice"),
            ("""{"model_type":"contacts","file_name":"","content_type":"text/csv"}""", "file_name: required"),
            ($$"""{"model_type":"contacts","file_name":"{{new string('a', 256)}}","content_type":"text/csv"}""", "file_name: too_long"),
            ("""{"model_type":"contacts","file_name":"a\nb.csv","content_type":"text/csv"}""", "file_name: invalid_characters"),
            ("""{"model_type":"contacts","file_name":"a.csv","content_type":"csv"}""", "content_type: invalid_content_type"),
            ("""{"model_type":"contacts","file_name":"a.csv","content_type":"text/csv\r\nX: y"}""", "content_type: invalid_content_type"),
        ];
        foreach (var (body, detail) in cases)
        {
            var refused = (await client.PostAsync("imports-request-upload", body))
                .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
            Assert.Equal([detail], refused.Details);
        }

        var path = await client.PostAsync(
            "imports-request-upload", """{"model_type":"contacts","file_name":"C:\\lists\\..\\new.csv","content_type":"text/csv"}""");
        var named = (await client.PostAsync("imports-get", new { id = path.Result.GetProperty("job_id").GetGuid() })).Result;
        Assert.Equal("new.csv", named.Text("file_name"));
    }

    [Fact]
    public async Task A_bad_override_is_refused_with_what_is_accepted()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.PutFileAsync("email\na@example.com\n"u8.ToArray());
        (string Member, string Code)[] cases =
            [("\"encoding\":\"klingon\"", "encoding: invalid_choice"), ("\"delimiter\":\";;\"", "delimiter: invalid_delimiter"),
             ("\"delimiter\":\"\\\"\"", "delimiter: invalid_delimiter"), ("\"delimiter\":\"\\n\"", "delimiter: invalid_delimiter"),
             ("\"delimiter\":\"é\"", "delimiter: invalid_delimiter"), ("\"delimiter\":\"\"", "delimiter: invalid_delimiter"),
             ("\"has_header\":\"no\"", "has_header: wrong_type"), ("\"page\":\"Sheet1\"", "page: unknown_member"),
             ("\"sheet\":\"Sheet1\"", "sheet: conflict")];
        foreach (var (member, detail) in cases)
        {
            var refused = await client.PostAsync("imports-complete-upload", $$"""{"id":"{{id}}",{{member}}}""");
            Assert.Equal([detail], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        }
    }
}
