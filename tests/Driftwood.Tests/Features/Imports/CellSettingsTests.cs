using System.Net;
using Driftwood.Tests.Features.BulkJobs;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Columns whose cells are changed before their fields read them.</summary>
public sealed class CellSettingsTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    public static TheoryData<string, string> Refusals => new()
    {
        { Column("""{"field":"city","transforms":["shout"]}"""), "column_mapping.city.transforms[0]: invalid_choice" },
        { Column("""{"field":"city","value_map":{"a":"b","A":"c"}}"""), "column_mapping.city.value_map.A: duplicate_value" },
        { Column("""{"field":"city","value_map":{"a":1}}"""), "column_mapping.city.value_map.a: wrong_type" },
        { Column("""{"field":"city","value_map":["a"]}"""), "column_mapping.city.value_map: wrong_type" },
        { Column("""{"field":"city","null_values":"-"}"""), "column_mapping.city.null_values: wrong_type" },
        { Column("""{"field":"city","default":""}"""), "column_mapping.city.default: required" },
        { Column("""{"field":"birthday","default":"yesterday"}"""), "column_mapping.city.default: invalid_date" },
        { Column("""{"field":"city","default":"a","default_on_create":"b"}"""), "column_mapping.city.default_on_create: conflict" },
        { Column("""{"field":"city","unknown":"blank"}"""), "column_mapping.city.unknown: conflict" },
        { Column("""{"field":"tags","default":"a"}"""), "column_mapping.city.default: conflict" },
        { """{"email":{"field":"email","default":"a@example.com"}}""", "column_mapping.email.default: conflict" },
        { """{"city":{"field":"phone","default":"+4722123456"}}""", "column_mapping.city.default: conflict" },
        { Computed("""{"city":{"column":"note"}}"""), "computed_fields.city: duplicate_field" },
        { Computed("""{"town":{"column":"note"}}"""), "computed_fields.town: unknown_field" },
        { Computed("""{"state":{"column":"Note"}}"""), "computed_fields.state.column: unknown_column" },
        { Computed("""{"state":{"field":"city"}}"""), "computed_fields.state.field: unknown_member" },
        { Computed("""{"state":"note"}"""), "computed_fields.state: wrong_type" },
        { Computed("""{"external_id":{"column":"note","policy":"create_only"}}"""), "computed_fields.external_id.policy: conflict" },
        {
            Computed("""{"state":{"column":"note","transforms":[{"name":"concat","column":"town"}]}}"""),
            "computed_fields.state.transforms[0].column: unknown_column"
        },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Settings_that_have_no_meaning_are_refused(string mapping, string detail)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,city,note\na@example.com,,\n");

        var refused = await client.PostAsync("imports-confirm", $$"""{"id":"{{id}}","column_mapping":{{mapping}}}""");

        Assert.Equal([detail], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task A_name_in_one_column_fills_two_fields()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(
            "E-Mail,Name\nANN@EXAMPLE.COM,\"BERG, ANN\"\nbo@example.com,bo  van der lee\ncy@example.com,cy\n");

        var confirmed = (await client.PostAsync("imports-confirm", $$$"""
            {"id": "{{{id}}}", "column_mapping": {"E-Mail": {"field": "email", "transforms": ["lower"]}}, "computed_fields": {
                "first_name": {"column": "Name", "transforms": ["title", {"name": "split_name", "part": "first"}]},
                "last_name": {"column": "Name", "transforms": [{"name": "split_name", "part": "last"}, "title"]},
                "website": {"column": "E-Mail", "transforms": ["url_domain"]}
            }}
            """)).Result;
        var job = await client.FinishAsync(id);

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal("""{"transforms":["lower"]}""", confirmed.GetProperty("column_settings").GetProperty("E-Mail").GetRawText());
        Assert.Equal("Name", confirmed.GetProperty("computed_fields").GetProperty("last_name").Text("column"));
        Assert.Equal(
            ["ann@example.com|Ann|Berg|example.com", "bo@example.com|Bo|Van Der Lee|example.com", "cy@example.com|Cy|-|example.com"],
            await client.ValuesAsync("email", "first_name", "last_name", "website"));
    }

    [Fact]
    public async Task Rows_are_matched_on_what_their_cells_become()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("contacts-create", new { email = "ann@example.com", city = "Rome" })).Result;
        var id = await client.UploadedAsync("mail,city\nmailto:ann@example.com,Oslo\nmailto:ANN@example.com,Bergen\nbo@example.com,Oslo\n");
        var mail = new { field = "email", transforms = new[] { new { name = "strip_prefix", text = "mailto:" } } };

        var mapping = new { mail, city = "city" };
        _ = (await client.PostAsync("imports-confirm", new { id, duplicate_strategy = "merge", column_mapping = mapping })).Result;

        Assert.Equal("completed 3: 1/2/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["ANN@example.com|Bergen", "bo@example.com|Oslo"], await client.ValuesAsync("email", "city"));
    }

    [Theory]
    [InlineData("default", "Oslo", "Oslo")]
    [InlineData("default_on_create", "Rome", "Oslo")]
    public async Task Blank_cells_have_a_default(string member, string matched, string created)
    {
        using var client = await app.CreateClientAsync();
        var field = new { record_type = "contacts", key = "score", label = "Score", kind = "decimal" };
        _ = (await client.PostAsync("fields-create", field)).Result;
        _ = (await client.PostAsync("contacts-create", new { email = "a@example.com", city = "Rome", score = 1 })).Result;
        var id = await client.UploadedAsync(
            "email,city,born,score\na@example.com,,,\nb@example.com,-,,\nc@example.com,Paris,,\"2,5\"\n,,,\n");

        _ = (await client.PostAsync("imports-confirm", $$$"""
            {"id": "{{{id}}}", "duplicate_strategy": "merge", "date_format": "mm-dd-yyyy", "decimal_comma": true, "column_mapping": {
                "email": "email",
                "city": {"field": "city", "null_values": ["-"], "{{{member}}}": "Oslo"},
                "born": {"field": "birthday", "{{{member}}}": "1988-03-15"},
                "score": {"field": "score", "{{{member}}}": 1.125}
            }}
            """)).Result;

        Assert.Equal(
            member == "default" ? "completed 4: 2/1/1/0" : "completed 4: 2/0/2/0", (await client.FinishAsync(id)).Outcome());
        var contacts = (await client.RecordsAsync()).OrderBy(contact => contact.Text("email")).ToList();
        Assert.Equal([matched, created, "Paris"], contacts.Select(contact => contact.Text("city")));
        Assert.Equal(member == "default" ? "1988-03-15" : null, contacts[0].Text("birthday"));
        Assert.Equal("1988-03-15", contacts[1].Text("birthday"));
        Assert.Equal(
            [member == "default" ? 1.125m : 1, 1.125m, 2.5m],
            contacts.Select(contact => contact.GetProperty("custom").GetProperty("score").GetDecimal()));
    }

    [Theory]
    [InlineData("email")]
    [InlineData("last_name")]
    public async Task The_default_of_one_joined_column_comes_before_the_default_on_create_of_another(string key)
    {
        // last_name is no match field, so every row creates a record.
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("key,town,place\na@example.com,,\nb@example.com,Paris,\n");

        _ = (await client.PostAsync("imports-confirm", $$$"""
            {"id": "{{{id}}}", "duplicate_strategy": "merge", "column_mapping": {
                "key": "{{{key}}}",
                "town": {"field": "city", "default_on_create": "Rome"},
                "place": {"field": "city", "default": "Oslo"}
            }}
            """)).Result;

        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["a@example.com|Oslo", "b@example.com|Paris"], await client.ValuesAsync(key, "city"));
    }

    [Fact]
    public async Task Values_that_are_no_option_are_mapped_or_left_out()
    {
        using var client = await app.CreateClientAsync();
        var field = new { record_type = "contacts", key = "level", label = "Level", kind = "choice", options = new[] { "Gold", "Silver" } };
        _ = (await client.PostAsync("fields-create", field)).Result;
        var id = await client.UploadedAsync("email,level\na@example.com,G\nb@example.com,gold\nc@example.com,none\nd@example.com,Tin\n");

        _ = (await client.PostAsync("imports-confirm", $$$"""
            {"id": "{{{id}}}", "column_mapping": {"email": "email", "level":
                {"field": "level", "value_map": {"g": "gold", "None": null}, "unknown": "blank"}
            }}
            """)).Result;

        Assert.Equal("completed 4: 4/0/0/0", (await client.FinishAsync(id)).Outcome());
        var contacts = (await client.RecordsAsync()).OrderBy(contact => contact.Text("email"));
        Assert.Equal(
            ["Gold", "Gold", null, null],
            contacts.Select(contact => contact.GetProperty("custom").TryGetProperty("level", out var level) ? level.GetString() : null));
        var warning = Assert.Single((await client.PostAsync("imports-warnings", new { id })).Result.GetProperty("items").EnumerateArray());
        Assert.Equal("4 invalid_choice level", $"{warning.GetProperty("row_number")} {warning.Text("code")} {warning.Text("field")}");
    }

    [Fact]
    public async Task The_error_file_keeps_the_cells_of_the_file()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,born\na@example.com,born 31.02.1990\n");
        var born = new { field = "birthday", transforms = new[] { new { name = "strip_prefix", text = "born " } } };

        _ = (await client.PostAsync("imports-confirm", new { id, column_mapping = new { email = "email", born } })).Result;

        Assert.Equal("completed 1: 0/0/0/1", (await client.FinishAsync(id)).Outcome());
        var error = Assert.Single((await client.PostAsync("imports-errors", new { id })).Result.GetProperty("items").EnumerateArray());
        Assert.Equal("born 31.02.1990", $"{error.Text("column")} {error.Text("value")}");
        Assert.Contains("born 31.02.1990", (await client.PostAsync("imports-errors-csv", new { id })).Text, StringComparison.Ordinal);
    }

    private static string Column(string target) => $$"""{"email":"email","city":{{target}}}""";

    private static string Computed(string fields) => $$"""{"email":"email","city":"city"},"computed_fields":{{fields}}""";
}
