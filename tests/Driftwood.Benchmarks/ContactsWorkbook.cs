using System.Globalization;
using System.IO.Compression;
using System.Security;
using SpreadCheetah;

namespace Driftwood.Benchmarks;

/// <summary>The file of the benchmarks as a workbook.</summary>
internal static class ContactsWorkbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006/relationships";

    /// <summary>Writes the texts in their cells, as libraries do that write rows as they come.</summary>
    public static async Task WriteInlineAsync(ContactsFile contacts, string path)
    {
        await using var file = File.Create(path);
        await using var workbook = await Spreadsheet.CreateNewAsync(file);
        await workbook.StartWorksheetAsync("Contacts");
        foreach (var row in Rows(contacts)) await workbook.AddRowAsync(Array.ConvertAll(row, cell => new DataCell(cell)));
        await workbook.FinishAsync();
    }

    /// <summary>Writes each text once into a list that the cells refer to, as Excel does.</summary>
    public static void WriteShared(ContactsFile contacts, string path)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Write(zip, "_rels/.rels", Relations(("officeDocument", "xl/workbook.xml")));
        Write(
            zip, "xl/_rels/workbook.xml.rels", Relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")));
        Write(
            zip, "xl/workbook.xml",
            [
                $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Office}\">",
                "<sheets><sheet name=\"Contacts\" sheetId=\"1\" r:id=\"r0\"/></sheets></workbook>",
            ]);
        Dictionary<string, int> texts = [];
        Write(zip, "xl/worksheets/sheet1.xml", SheetOf(contacts, texts));
        Write(zip, "xl/sharedStrings.xml", TextsOf(texts));
    }

    private static IEnumerable<string[]> Rows(ContactsFile contacts) =>
        Enumerable.Range(0, contacts.Rows).Select(contacts.Row).Prepend(ContactsFile.Header).Select(row => row.Split(','));

    private static IEnumerable<string> SheetOf(ContactsFile contacts, Dictionary<string, int> texts)
    {
        yield return $"<worksheet xmlns=\"{Main}\"><sheetData>";
        foreach (var (index, row) in Rows(contacts).Index())
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"<row r=\"{index + 1}\">");
            foreach (var (column, cell) in row.Index())
            {
                if (!texts.TryGetValue(cell, out var number)) texts[cell] = number = texts.Count;
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"<c r=\"{(char)('A' + column)}{index + 1}\" t=\"s\"><v>{number}</v></c>");
            }

            yield return "</row>";
        }

        yield return "</sheetData></worksheet>";
    }

    private static IEnumerable<string> TextsOf(Dictionary<string, int> texts)
    {
        yield return $"<sst xmlns=\"{Main}\">";
        foreach (var text in texts.OrderBy(text => text.Value)) yield return $"<si><t>{SecurityElement.Escape(text.Key)}</t></si>";
        yield return "</sst>";
    }

    private static IEnumerable<string> Relations(params (string Kind, string Target)[] relations)
    {
        yield return $"<Relationships xmlns=\"{Package}\">";
        foreach (var (index, (kind, target)) in relations.Index())
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"<Relationship Id=\"r{index}\" Type=\"{Office}/{kind}\" Target=\"{target}\"/>");
        }

        yield return "</Relationships>";
    }

    private static void Write(ZipArchive zip, string name, IEnumerable<string> parts)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name, CompressionLevel.Fastest).Open());
        foreach (var part in parts) writer.Write(part);
    }
}
