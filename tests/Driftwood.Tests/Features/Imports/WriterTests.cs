using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Driftwood.Tests.Features.Imports.Writers;

namespace Driftwood.Tests.Features.Imports;

/// <summary>One table of data gives the same records, errors, warnings and receipt, whatever program wrote it.</summary>
public sealed partial class WriterTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    public static TheoryData<string> Writers =>
        ["JSON lines", "MiniExcel", "SpreadCheetah", "ClosedXML", "libreoffice.xlsx", "openpyxl.xlsx"];

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task The_same_table_gives_the_same_from_every_writer(string writer)
    {
        var expected = await ImportedAsync(Encoding.UTF8.GetBytes(WriterTable.Csv()), "table.csv");
        var file = writer switch
        {
            "JSON lines" => Encoding.UTF8.GetBytes(WriterTable.JsonLines()),
            "MiniExcel" => WorkbookWriters.MiniExcel(),
            "SpreadCheetah" => await WorkbookWriters.SpreadCheetahAsync(),
            "ClosedXML" => WorkbookWriters.ClosedXml(),
            _ => await File.ReadAllBytesAsync(Fixture(writer), TestContext.Current.CancellationToken),
        };
        Assert.Equal(expected, await ImportedAsync(file, writer == "JSON lines" ? "table.jsonl" : "table.xlsx"));
    }

    [Fact]
    public void The_fixtures_are_made_of_the_table() =>
        Assert.Equal(WriterTable.Csv(), File.ReadAllText(Fixture("table.csv")));

    private async Task<string> ImportedAsync(byte[] file, string name)
    {
        using var client = await app.CreateClientAsync();
        foreach (var (key, kind) in WriterTable.Fields)
            _ = (await client.PostAsync("fields-create", new { record_type = "contacts", key, kind })).Result;
        var ticket = await client.RequestUploadAsync(fileName: name);
        _ = (await ImportSteps.PutAsync(ticket.Url, file)).Result;
        var preview = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result.GetProperty("preview");
        Assert.Equal(WriterTable.Columns, preview.GetProperty("headers").EnumerateArray().Select(header => header.GetString()));
        _ = (await client.ConfirmAsync(ticket.Id, string.Join(',', WriterTable.Columns))).Result;
        var job = await client.FinishAsync(ticket.Id);

        var told = new StringBuilder().AppendLine(job.Outcome());
        told.AppendJoin('\n', (await client.RecordsAsync()).Select(ValuesOf).Order(StringComparer.Ordinal)).AppendLine();
        foreach (var error in await client.AllAsync("imports-errors", new { id = ticket.Id })) told.AppendLine(WithoutLine(error));
        foreach (var warning in await client.AllAsync("imports-warnings", new { id = ticket.Id })) told.AppendLine(WithoutLine(warning));
        var receipt = await client.PostAsync("imports-results-csv", new { id = ticket.Id });
        // JSON has true where a spreadsheet has TRUE.
        return told.Append(Truth().Replace(Id().Replace(receipt.Text, "id"), word => word.Value.ToUpperInvariant())).ToString();
    }

    private static string ValuesOf(JsonElement record)
    {
        var custom = record.GetProperty("custom");
        return string.Join('|', WriterTable.Columns.Select(
            column => (record.TryGetProperty(column, out var value) ? value : custom.GetProperty(column)).GetRawText()));
    }

    // Line numbers are those of the file, and a cell's line break is a line of a CSV file.
    private static string WithoutLine(JsonElement item) => string.Join(
        '|', item.EnumerateObject().Where(member => member.Name != "line_number").Select(member => member.ToString()));

    private static string Fixture(string name) => Path.Combine(Path.GetDirectoryName(SourceFile())!, "Writers", name);

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex("(?<=,)(true|false)(?=,)")]
    private static partial Regex Truth();
}
