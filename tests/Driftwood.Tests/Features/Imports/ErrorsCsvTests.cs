using System.Net;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Tests the file of the failed rows: its content, and that callers can correct it and import it again.</summary>
public sealed class ErrorsCsvTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Columns = "email;first_name;phone;city;birthday";

    [Fact]
    public async Task Failed_rows_are_a_csv_file_in_file_order()
    {
        using var client = await app.CreateClientAsync();
        var id = await ImportAsync(
            client, Columns
            + "\na@@example;Ann;;Oslo;\nb@example.com;Bob;;;\nc@@example;\"Cid; or \"\"C\"\"\";;;32/12\nd@example.com;Dora;;;;x\n");
        var answer = await client.PostAsync("imports-errors-csv", new { id });

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("text/csv; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        Assert.Equal(
            ("attachment", "leads-errors.csv"),
            (answer.ContentHeaders.ContentDisposition!.DispositionType, answer.ContentHeaders.ContentDisposition.FileName));
        const string email = "which is not an e-mail address; expected one such as jane@example.com.";
        const string date = "birthday: Found 32/12, which is not a date; expected year-month-day such as 1990-02-28.";
        Assert.Equal(
            $""""
            email,first_name,phone,city,birthday,_row,_code,_message
            a@@example,Ann,,Oslo,,1,invalid_email,"email: Found a@@example, {email}"
            c@@example,"Cid; or ""C""",,,32/12,3,invalid_email,"email: Found c@@example, {email} {date}"
            d@example.com,Dora,,,,4,wrong_column_count,Has 6 cells where the header has 5.,x

            """".ReplaceLineEndings("\r\n"),
            answer.Text.TrimStart('\uFEFF'));
    }

    [Fact]
    public async Task Whatever_the_file_was_written_in_they_are_utf_8_and_separated_by_commas()
    {
        using var client = await app.CreateClientAsync();
        byte[][] files =
        [
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("email\tcity\na@@example\tKöln, Süd\n")],
            Encoding.Latin1.GetBytes("email|city\na@@example|Köln, Süd\n"),
        ];
        foreach (var file in files)
        {
            var id = (await client.UploadAsync(file)).Result.GetProperty("job").Id();
            _ = (await client.ConfirmAsync(id, "email,city")).Result;
            _ = await client.FinishAsync(id);
            Assert.Contains("\r\na@@example,\"Köln, Süd\",1,invalid_email,", await ErrorsAsync(client, id), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Mended_and_imported_again_the_rows_are_what_they_would_have_been()
    {
        string[] rows =
        [
            "=1+1;+1 555 0100;-5;1990-02-28", "'=x;(555) 0101;'s-Hertogenbosch;", "@handle;;''+;",
            "\"two\nlines, really\";+15550102;\"a \"\"b\"\"\";", "\"\t=cmd|' /C calc'!A0\";;Århus;", "O'Neil;;';",
        ];
        string File(string at) => Columns + "\n" + string.Concat(rows.Select((row, i) => $"p{i}{at}example.com;{row}\n"));
        using var direct = await app.CreateClientAsync();
        _ = await ImportAsync(direct, File("@"));
        using var client = await app.CreateClientAsync();
        var failed = await ImportAsync(client, File("@@"));
        Assert.Empty(await client.RecordsAsync());

        // The file is first imported uncorrected. So the corrected file comes from an import of a file of failed rows.
        var first = await ErrorsAsync(client, failed);
        var again = await ImportAsync(client, first);
        Assert.Empty(await client.RecordsAsync());
        var second = await ErrorsAsync(client, again);
        Assert.StartsWith(
            "email,first_name,phone,city,birthday,_row,_code,_message,_row (2),_code (2),_message (2)", second, StringComparison.Ordinal);
        _ = await ImportAsync(client, second.Replace("@@", "@", StringComparison.Ordinal));

        Assert.Equal(await PeopleAsync(direct), await PeopleAsync(client));
        Assert.Equal(rows.Length, (await client.RecordsAsync()).Length);
    }

    [Fact]
    public async Task The_preview_of_such_a_file_shows_the_cells_as_they_are()
    {
        using var client = await app.CreateClientAsync();
        var failed = await ImportAsync(client, Columns + "\na@@example;=1+1;+1 555 0100;;\n");
        var preview = (await client.UploadAsync(Encoding.UTF8.GetBytes(await ErrorsAsync(client, failed)))).Result.GetProperty("preview");
        var cells = preview.GetProperty("sample_rows")[0].EnumerateArray().Take(5).Select(cell => cell.GetString());
        Assert.Equal("""["a@@example","=1+1","+1 555 0100","",""]""", JsonSerializer.Serialize(cells, Relaxed));
        Assert.DoesNotContain(
            "_", preview.Text("suggested_mapping")!.Replace("first_name", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_rows_come_page_after_page_and_outlive_the_upload()
    {
        using var client = await app.CreateClientAsync();
        var id = await ImportAsync(client, "email\na@@example\n");
        await app.ScalarAsync(
            $"""
            insert into row_errors (account_id, job_id, row_number, line_number, code, message, cells)
            select account_id, job_id, n, n + 1, code, message, array[convert_to('person' || n || '@@example', 'UTF8')]
            from row_errors, generate_series(2, 5000) as n where job_id = '{id}'
            """);
        foreach (var file in app.StoredFiles(id)) File.Delete(file);

        var lines = (await ErrorsAsync(client, id)).Split("\r\n");

        Assert.Equal(5_002, lines.Length);
        Assert.Equal(Enumerable.Range(1, 5_000).Select(n => $"{n}"), lines[1..^1].Select(line => line.Split(',')[1]));
        Assert.StartsWith("person5000@@example,5000,invalid_email,", lines[5_000], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_failed_rows_there_is_a_header_alone()
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal("email,_row,_code,_message\r\n", await ErrorsAsync(client, await client.UploadedAsync("email\na@example.com\n")));
        Assert.Equal("_row,_code,_message\r\n", await ErrorsAsync(client, (await client.RequestUploadAsync()).Id));
    }

    [Theory]
    [InlineData("leads.2025.csv", "leads.2025-errors.csv")]
    [InlineData("Größe \"L\".CSV.GZ", "Größe \"L\"-errors.csv")]
    [InlineData("leads", "leads-errors.csv")]
    public async Task The_file_is_named_after_the_upload(string name, string expected)
    {
        using var client = await app.CreateClientAsync();
        var ticket = (
            await client.PostAsync(
            "imports-request-upload", new { model_type = "contacts", file_name = name, content_type = "text/csv" })).Result;
        var answer = await client.PostAsync("imports-errors-csv", new { id = ticket.GetProperty("job_id").GetGuid() });
        Assert.Equal(expected, answer.ContentHeaders.ContentDisposition!.FileNameStar);
    }

    [Fact]
    public async Task A_failure_before_the_first_byte_is_an_envelope()
    {
        using var client = await app.CreateClientAsync();
        var answer = (await client.PostAsync("imports-errors-csv", new { id = Guid.CreateVersion7() }))
            .Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Equal("application/json", answer.ContentHeaders.ContentType!.MediaType);
        Assert.Null(answer.ContentHeaders.ContentDisposition);
        (await client.PostAsync("imports-errors-csv", "{}")).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
    }

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static async Task<Guid> ImportAsync(HttpClient client, string csv)
    {
        var id = await client.UploadedAsync(csv);
        var columns = csv.StartsWith("email;", StringComparison.Ordinal)
            || csv.StartsWith("email,", StringComparison.Ordinal) ? Columns.Replace(';', ',') : "email";
        _ = (await client.ConfirmAsync(id, columns)).Result;
        _ = await client.FinishAsync(id);
        return id;
    }

    private static async Task<string> ErrorsAsync(HttpClient client, Guid id)
    {
        var answer = await client.PostAsync("imports-errors-csv", new { id });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Text.TrimStart('\uFEFF');
    }

    private static async Task<string[]> PeopleAsync(HttpClient client) =>
    [
        .. (await client.RecordsAsync()).OrderBy(contact => contact.Text("email"), StringComparer.Ordinal)
            .Select(contact => string.Join(
                '|', new[] { "email", "first_name", "phone", "city", "birthday" }.Select(field => contact.Text(field)))),
    ];
}
