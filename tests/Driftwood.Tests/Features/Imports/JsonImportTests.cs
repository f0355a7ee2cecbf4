using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Engine.Files.Workbooks;
using Driftwood.Tests.Features.BulkJobs;

namespace Driftwood.Tests.Features.Imports;

/// <summary>JSON files are imported as the same table in CSV is.</summary>
public sealed class JsonImportTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Columns = "email,first_name,birthday,phone,city,tags";

    private const string Csv =
        "email,first_name,birthday,phone,city,tags\n"
        + "ida@example.com,Ida,1990-02-28,00123,\"Oslo, Norway\",\"VIP,\"\"Berlin, Germany\"\"\"\n"
        + "bad,Bob,1990-02-28,47210000019999,Rome,\n"
        + "zoe@example.com,\"Zoë\nMarie\",,,,\n"
        + ",,,,,\n"
        + "last@example.com,Lee,2000-01-01,+47 21 00 00 01,Åre,new\n"
        + "late@example.com,Late,no date,,,\n";

    private static readonly string[] Objects =
    [
        """{"email": "ida@example.com", "first_name": "Ida", "birthday": "1990-02-28", "phone": "00123", "city": "Oslo, Norway", """
            + "\"tags\": [\"VIP\", \"Berlin, Germany\"]}",
        """{"email": "bad", "first_name": "Bob", "birthday": "1990-02-28", "phone": 47210000019999, "city": "Rome", "tags": []}""",
        """{"email": "zoe@example.com", "first_name": "Zo\u00eb\nMarie", "birthday": null}""",
        "{}",
        """{"city": "Åre", "email": "last@example.com", "tags": ["new"], "phone": "+47 21 00 00 01", "first_name": "Lee", """
            + "\"birthday\": \"2000-01-01\"}",
        """{"email": "late@example.com", "first_name": "Late", "birthday": "no date"}""",
    ];

    private static readonly string[][] Cells =
    [
        ["email", "first_name", "birthday", "phone", "city", "tags"],
        ["ida@example.com", "Ida", "d:32932", "00123", "Oslo, Norway", "VIP,\"Berlin, Germany\""],
        ["bad", "Bob", "d:32932", "n:47210000019999", "Rome"],
        ["zoe@example.com", "Zoë\nMarie"],
        ["last@example.com", "Lee", "d:36526", "f:+47 21 00 00 01", "Åre", "new"],
        ["late@example.com", "Late", "no date"],
    ];

    [Theory]
    [InlineData("leads.jsonl")]
    [InlineData("leads.ndjson")]
    [InlineData("leads.json")]
    public async Task The_same_table_gives_the_same_records_errors_and_receipt(string name)
    {
        var file = name == "leads.json" ? "[\n" + string.Join(",\n", Objects) + "\n]" : string.Join('\n', Objects) + "\n";
        var expected = await ImportAsync("leads.csv", Encoding.UTF8.GetBytes(Csv));
        var found = await ImportAsync(name, Encoding.UTF8.GetBytes(file));
        Assert.Equal(expected.Records, found.Records);
        Assert.Equal(expected.Receipt, found.Receipt);
        Assert.Equal(expected.Errors, found.Errors);
        Assert.Equal(2, found.Errors.Length);
        var sheet = await ImportAsync("leads.xlsx", new TestWorkbook().Sheet("Leads", Cells).ToArray());
        Assert.Equal(expected.Records, sheet.Records);
    }

    [Fact]
    public async Task The_preview_tells_what_was_read_and_takes_an_encoding_only()
    {
        using var client = await app.CreateClientAsync();
        var file = Encoding.Latin1.GetBytes(
            """
            {"Email": "zoe@example.com", "Name": {"First": "Zoë"}, "Birthday": "1990-02-28", "Score": 1.50, "City": [{"name": "Oslo"}]}
            {"Email": "ida@example.com", "Birthday": "1991-03-01", "City": null}
            """);
        var answer = (await UploadAsync(client, "leads.jsonl", file)).Result;
        var (id, preview) = (answer.GetProperty("job").Id(), answer.GetProperty("preview"));
        Assert.Equal("""["Email","Name.First","Birthday","Score","City"]""", preview.Text("headers"));
        Assert.Equal("""["zoe@example.com","Zoë","1990-02-28","1.50","[{\u0022name\u0022: \u0022Oslo\u0022}]"]""", Escaped(preview));
        Assert.Equal("yyyy-mm-dd", preview.GetProperty("detected").Text("date_format"));
        Assert.Equal("[]", preview.Text("sheets"));
        Assert.Equal(
            ["encoding_guessed", "nested_values"],
            preview.GetProperty("warnings").EnumerateArray().Select(warning => warning.Text("code")).Order());
        // A list of objects is no city.
        Assert.False(preview.GetProperty("suggested_mapping").TryGetProperty("City", out _));

        var refused = await client.PostAsync("imports-complete-upload", new
        {
            id,
            delimiter = ";",
            quote = "'",
            escape = "\\",
            sheet = "1",
            has_header = true,
            header_row = 2,
            ragged_rows = "fail",
        });
        Assert.Equal(
            ["delimiter", "escape", "quote", "has_header", "header_row", "ragged_rows", "sheet"],
            refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details.Select(detail => detail.Split(':')[0]));
        var again = (await client.PostAsync("imports-complete-upload", new { id, encoding = "iso-8859-1" })).Result.GetProperty("preview");
        Assert.Equal("iso-8859-1", again.GetProperty("detected").Text("encoding"));
        Assert.Equal("nested_values", again.GetProperty("warnings").EnumerateArray().Single().Text("code"));
        _ = (await client.PostAsync("imports-confirm", new { id })).Result;
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task Lines_that_are_no_objects_fail_and_can_be_corrected_in_the_file_of_failed_rows()
    {
        using var client = await app.CreateClientAsync();
        var file = "{\"email\": \"a@example.com\", \"city\": \"'0150\"}\n\n{\"email\": \"b@example.com\", \"city\": \"Oslo\"\n"
            + "{\"email\": \"c@example.com\", \"email\": \"d@example.com\"}\n{\"email\": \"bad, worse\", \"city\": \"'0150\"}\n";
        var id = (await UploadAsync(client, "leads.jsonl", Encoding.UTF8.GetBytes(file))).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "email,city")).Result;
        Assert.Equal("completed 4: 1/0/0/3", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            ["2 3 - - broken_json -", "3 4 - - duplicate_member -", "4 5 email email invalid_email bad, worse"],
            await client.ErrorsAsync(id));
        var errors = (await client.PostAsync("imports-errors-csv", new { id })).Text;
        const string broken = "\"{\"\"email\"\": \"\"b@example.com\"\", \"\"city\"\": \"\"Oslo\"\"\",";
        Assert.Contains(broken + ",2,broken_json,", errors, StringComparison.Ordinal);

        var mended = errors
            .Replace(broken, "b@example.com,Oslo", StringComparison.Ordinal)
            .Replace("\"bad, worse\"", "e@example.com", StringComparison.Ordinal);
        var next = (await UploadAsync(client, "leads-errors.csv", Encoding.UTF8.GetBytes(mended))).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(next, "email,city")).Result;
        Assert.Equal("completed 3: 2/0/0/1", (await client.FinishAsync(next)).Outcome());
        Assert.Equal(
            ["a@example.com '0150", "b@example.com Oslo", "e@example.com '0150"],
            (await client.RecordsAsync()).Select(record => $"{record.Text("email")} {record.Text("city")}").Order());
    }

    [Theory]
    [InlineData("leads.json", "[{\"email\": \"a@example.com\"},\n{\"email\": ]", "broken_json")]
    [InlineData("leads.json", "{\n\"contacts\": []\n}", "broken_json")]
    [InlineData("leads.json", "[]", "no_rows")]
    [InlineData("leads.csv", "[{\"email\": \"a@example.com\"}]", "not_text")]
    [InlineData("leads.jsonl", "<html></html>", "not_text")]
    public async Task A_broken_file_is_refused_and_another_one_may_take_its_place(string name, string file, string code)
    {
        using var client = await app.CreateClientAsync();
        var refused = (await UploadAsync(client, name, Encoding.UTF8.GetBytes(file))).Expect(HttpStatusCode.UnprocessableEntity, code);
        if (code == "not_text" && name == "leads.csv")
            Assert.Contains("ends in .json or .jsonl", refused.Error.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("leads.json")]
    [InlineData("leads.jsonl.gz")]
    public async Task The_content_decides_for_other_files_of_the_name(string name)
    {
        using var client = await app.CreateClientAsync();
        var answer = (await UploadAsync(client, name, Encoding.UTF8.GetBytes("email,city\na@example.com,Oslo\n"))).Result;
        Assert.Equal("""["email","city"]""", answer.GetProperty("preview").Text("headers"));
    }

    [Fact]
    public async Task An_import_of_many_lanes_is_undone()
    {
        using var client = await app.CreateClientAsync();
        var objects = Enumerable.Range(1, 9_000).Select(n => $"{{\"email\": \"p{n}@example.com\", \"city\": \"City {n}\"}}");
        var file = "[" + string.Join(',', objects) + "]";
        var id = (await UploadAsync(client, "leads.json", Encoding.UTF8.GetBytes(file))).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "email,city")).Result;
        Assert.Equal("completed 9000: 9000/0/0/0", (await client.FinishAsync(id)).Outcome());
        var undo = await client.UndoAsync(id);
        Assert.Equal("completed 9000/9000, 0 failed", undo.JobOutcome());
        Assert.Empty(await client.RecordsAsync());
    }

    private static async Task<Answer> UploadAsync(HttpClient client, string name, byte[] file)
    {
        var ticket = await client.RequestUploadAsync(fileName: name);
        _ = (await ImportSteps.PutAsync(ticket.Url, file)).Result;
        return await client.PostAsync("imports-complete-upload", new { id = ticket.Id });
    }

    private static string Escaped(JsonElement preview) =>
        JsonSerializer.Serialize(preview.GetProperty("sample_rows")[0].EnumerateArray().Select(cell => cell.GetString()))
            .Replace("\\u00EB", "ë", StringComparison.Ordinal);

    private async Task<(string[] Records, string[] Errors, string[] Receipt)> ImportAsync(string name, byte[] file)
    {
        using var client = await app.CreateClientAsync();
        var id = (await UploadAsync(client, name, file)).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, Columns)).Result;
        await client.FinishAsync(id);
        string Fields(JsonElement record) => string.Join('|', Columns.Split(',').Select(field => record.Text(field)));
        var results = await client.AllAsync("imports-results", new { id });
        return (
            [.. (await client.RecordsAsync()).Select(Fields).Order(StringComparer.Ordinal)],
            // Lines are those of the file.
            [.. (await client.ErrorsAsync(id)).Select(error => string.Join(' ', error.Split(' ').Where((_, place) => place != 1)))],
            [.. results.Select(result => $"{result.Text("row_number")} {result.Text("outcome")} {result.Text("code")}")]);
    }
}
