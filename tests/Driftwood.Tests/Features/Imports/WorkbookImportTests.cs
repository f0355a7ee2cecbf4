using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Engine.Files.Workbooks;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Workbooks are imported as the same table in CSV is.</summary>
public sealed class WorkbookImportTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Columns = "email,first_name,birthday,phone,city";

    private const string Csv =
        "email,first_name,birthday,phone,city\n"
        + "ida@example.com,Ida,1990-02-28,00123,\"Oslo, Norway\"\n"
        + "\n"
        + "bad,Bob,1990-02-28,47210000019999,Rome\n"
        + "zoe@example.com,\"Zoë\nMarie\",,,\n"
        + "last@example.com,Lee,2000-01-01,+47 21 00 00 01,Åre\n"
        + "late@example.com,Late,no date,,\n";

    private static readonly string[][] Cells =
    [
        ["email", "first_name", "birthday", "phone", "city"],
        ["ida@example.com", "Ida", "d:32932", "00123", "Oslo, Norway"],
        [],
        ["bad", "Bob", "d:32932", "n:47210000019999", "Rome"],
        ["zoe@example.com", "Zoë\nMarie"],
        ["last@example.com", "Lee", "d:36526", "f:+47 21 00 00 01", "Åre"],
        ["late@example.com", "Late", "no date"],
    ];

    public static TheoryData<string> Writers => ["shared texts", "inline texts", "days of 1904"];

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task The_same_table_gives_the_same_records_errors_and_receipt(string writer)
    {
        var (expectedRecords, expectedErrors, expectedReceipt) = await ImportAsync(Encoding.UTF8.GetBytes(Csv));
        var (records, errors, receipt) = await ImportAsync(FileOf(writer));
        Assert.Equal(expectedRecords, records);
        Assert.Equal(2, errors.Length);
        // The CSV's second line break of a cell counts as a line; a sheet's rows are its lines.
        Assert.Equal(expectedErrors.Select(error => error.Replace(" 8 ", " 7 ", StringComparison.Ordinal)), errors);
        Assert.Equal(expectedReceipt, receipt);
    }

    [Fact]
    public async Task The_preview_lists_the_sheets_and_another_one_may_be_named()
    {
        using var client = await app.CreateClientAsync();
        var file = new TestWorkbook()
            .Sheet("Notes", [["secret"], ["x"]], "hidden")
            .Sheet("Leads", [["email", "city"], ["a@example.com", "e:#N/A"], ["b@example.com", "x:"]],
                below: "<mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells>")
            .Sheet("More", [["email"], ["c@example.com"], ["d@example.com", "", "beyond"]])
            .ToArray();
        var answer = (await client.UploadAsync(file)).Result;
        var (id, preview) = (answer.GetProperty("job").Id(), answer.GetProperty("preview"));
        Assert.Equal("Leads", preview.GetProperty("detected").Text("sheet"));
        Assert.Equal(
            "[{\"name\":\"Notes\",\"hidden\":true},{\"name\":\"Leads\",\"hidden\":false},{\"name\":\"More\",\"hidden\":false}]",
            preview.GetProperty("sheets").GetRawText());
        Assert.Superset(
            new HashSet<string> { "error_cells", "formulas_without_values", "merged_cells" },
            preview.GetProperty("warnings").EnumerateArray().Select(warning => warning.Text("code")!).ToHashSet());

        (await client.PostAsync("imports-complete-upload", new { id, sheet = "Gone" }))
            .Expect(HttpStatusCode.UnprocessableEntity, "unknown_sheet");
        var refused = await client.PostAsync("imports-complete-upload", new { id, delimiter = ";", encoding = "utf-8" });
        Assert.Equal(
            ["encoding: conflict", "delimiter: conflict"],
            refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        var other = (await client.PostAsync("imports-complete-upload", new { id, sheet = "3" })).Result.GetProperty("preview");
        Assert.Equal("More", other.GetProperty("detected").Text("sheet"));
        Assert.Equal("""["email","Column 2","Column 3"]""", other.Text("headers"));
        Assert.Equal(2, other.GetProperty("total_rows").GetInt32());
        _ = (await client.ConfirmAsync(id, "email")).Result;
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task The_manifest_has_the_hash_of_the_workbook()
    {
        using var client = await app.CreateClientAsync();
        var file = FileOf("shared texts");
        var id = (await client.UploadAsync(file)).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, Columns)).Result;
        await client.FinishAsync(id);
        var manifest = (await client.PostAsync("imports-manifest", new { id })).Result.GetProperty("manifest").GetRawText();
        Assert.Contains(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)), manifest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_workbook_is_refused_and_another_file_may_take_its_place()
    {
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        var broken = new TestWorkbook().RawSheet("S", "<sheetData><row r=\"2\"/><row r=\"1\"/></sheetData>").ToArray();
        byte[] encrypted = [0xD0, 0xCF, 0x11, 0xE0, .. new byte[600], .. Encoding.Unicode.GetBytes("EncryptedPackage")];
        foreach (var (file, code) in new[]
            { (broken, "broken_workbook"), (encrypted, "encrypted_workbook"), ([0xD0, 0xCF, 0x11, 0xE0, .. new byte[900]], "not_text") })
        {
            _ = (await ImportSteps.PutAsync(ticket.Url, file)).Result;
            (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Expect(HttpStatusCode.UnprocessableEntity, code);
        }

        _ = (await ImportSteps.PutAsync(ticket.Url, FileOf("shared texts"))).Result;
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        _ = (await client.ConfirmAsync(ticket.Id, Columns)).Result;
        Assert.Equal("completed 5: 3/0/0/2", (await client.FinishAsync(ticket.Id)).Outcome());
    }

    private static byte[] FileOf(string writer)
    {
        var is1904 = writer == "days of 1904";
        string Shift(string cell) => is1904 && cell.StartsWith("d:", StringComparison.Ordinal)
            ? FormattableString.Invariant($"d:{int.Parse(cell.AsSpan(2), CultureInfo.InvariantCulture) - 1462}")
            : cell;
        var cells = Cells.Select(row => row.Select(Shift).ToArray()).ToArray();
        return new TestWorkbook { IsInline = writer == "inline texts", HasNoPlaces = writer == "inline texts", Is1904 = is1904 }
            .Sheet("Leads", cells).ToArray();
    }

    private async Task<(string[] Records, string[] Errors, string[] Receipt)> ImportAsync(byte[] file)
    {
        using var client = await app.CreateClientAsync();
        var id = (await client.UploadAsync(file)).Result.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, Columns, new { date_format = "dd-mm-yyyy" })).Result;
        Assert.Equal("completed 5: 3/0/0/2", (await client.FinishAsync(id)).Outcome());
        string Fields(JsonElement record) => string.Join('|', Columns.Split(',').Select(field => record.Text(field)));
        var results = await client.AllAsync("imports-results", new { id });
        return (
            [.. (await client.RecordsAsync()).Select(Fields).Order(StringComparer.Ordinal)],
            await client.ErrorsAsync(id),
            [.. results.Select(result => $"{result.Text("row_number")} {result.Text("outcome")} {result.Text("code")}")]);
    }
}
