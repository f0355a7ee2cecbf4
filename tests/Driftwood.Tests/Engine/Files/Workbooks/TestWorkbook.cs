using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;

namespace Driftwood.Tests.Engine.Files.Workbooks;

/// <summary>A small writer of workbooks, in the habits of several programs.</summary>
internal sealed class TestWorkbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    private readonly List<(string Name, string State, string Xml)> _sheets = [];
    private readonly Dictionary<string, byte[]> _parts = [];
    private readonly List<string> _shared = [];

    /// <summary>Texts stand in cells, and not in the list of shared texts.</summary>
    public bool IsInline { get; init; }

    /// <summary>Cells and rows do not say their place, as some streaming writers leave it out.</summary>
    public bool HasNoPlaces { get; init; }

    /// <summary>Days are counted from 1904.</summary>
    public bool Is1904 { get; init; }

    /// <summary>Styles 1 to 3 are a date, a date with a time and an elapsed time of the workbook's own.</summary>
    public string Styles { get; init; } =
        $"""
        <styleSheet xmlns="{Main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="[$-409]d/m/yyyy h:mm;@"/>
        <numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts><cellStyleXfs><xf numFmtId="22"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>
        """;

    /// <summary>Adds a sheet of cells as <see cref="Cell"/> reads them; an empty row is left out of the sheet.</summary>
    public TestWorkbook Sheet(string name, string[][] rows, string state = "visible", string below = "")
    {
        var xml = new StringBuilder();
        for (var row = 1; row <= rows.Length; row++)
        {
            if (rows[row - 1].Length == 0 && !HasNoPlaces) continue;
            xml.Append(HasNoPlaces ? "<row>" : FormattableString.Invariant($"<row r=\"{row}\">"));
            for (var column = 0; column < rows[row - 1].Length; column++)
                xml.Append(Cell(rows[row - 1][column], HasNoPlaces ? "" : $" r=\"{(char)('A' + column)}{row}\""));
            xml.Append("</row>");
        }

        return RawSheet(name, $"<worksheet xmlns=\"{Main}\"><sheetData>{xml}</sheetData>{below}</worksheet>", state);
    }

    public TestWorkbook RawSheet(string name, string xml, string state = "visible")
    {
        _sheets.Add((name, state, xml));
        return this;
    }

    /// <summary>Adds a part, or replaces one.</summary>
    public TestWorkbook Part(string name, byte[] content)
    {
        _parts[name] = content;
        return this;
    }

    public byte[] ToArray()
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in Parts())
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(content);
            }
        }

        return file.ToArray();
    }

    private Dictionary<string, byte[]> Parts()
    {
        Dictionary<string, string> parts = new()
        {
            ["_rels/.rels"] = Relations($"<Relationship Id=\"r1\" Type=\"{Office}/officeDocument\" Target=\"/xl/workbook.xml\"/>"),
            ["xl/workbook.xml"] =
                $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Office}\"><workbookPr date1904=\"{(Is1904 ? 1 : 0)}\"/><sheets>"
                + string.Concat(_sheets.Select((sheet, i) =>
                    $"<sheet name=\"{SecurityElement.Escape(sheet.Name)}\" sheetId=\"{i + 1}\" state=\"{sheet.State}\" r:id=\"s{i}\"/>"))
                + "</sheets></workbook>",
            ["xl/_rels/workbook.xml.rels"] = Relations(
                string.Concat(_sheets.Select((_, i) =>
                    $"<Relationship Id=\"s{i}\" Type=\"{Office}/worksheet\" Target=\"worksheets/../worksheets/s{i}.xml\"/>"))
                + $"<Relationship Id=\"t\" Type=\"{Office}/sharedStrings\" Target=\"sharedStrings.xml\"/>"
                + $"<Relationship Id=\"f\" Type=\"{Office}/styles\" Target=\"styles.xml\"/>"),
            ["xl/styles.xml"] = Styles,
            ["xl/sharedStrings.xml"] = $"<sst xmlns=\"{Main}\">{string.Concat(_shared.Select(text => $"<si>{text}</si>"))}</sst>",
        };
        foreach (var (sheet, i) in _sheets.Select((sheet, i) => (sheet, i)))
            parts[$"xl/worksheets/s{i.ToString(CultureInfo.InvariantCulture)}.xml"] = sheet.Xml;
        var all = parts.ToDictionary(part => part.Key, part => Encoding.UTF8.GetBytes(part.Value));
        foreach (var (name, content) in _parts) all[name] = content;
        return all;
    }

    // "d:45823" is a date, "t:…" a date with a time, "h:…" an elapsed time, "n:…" a number, "b:1" a boolean, "e:#N/A" an error,
    // "f:…" the stored text of a formula, "x:" one without a value; all else is text.
    private string Cell(string text, string place)
    {
        var value = text.Length < 2 || text[1] != ':' ? "" : SecurityElement.Escape(text[2..]);
        switch (text.Length > 1 && text[1] == ':' ? text[0] : ' ')
        {
            case 'n': return $"<c{place}><v>{value}</v></c>";
            case 'd': return $"<c{place} s=\"1\"><v>{value}</v></c>";
            case 't': return $"<c{place} s=\"2\"><v>{value}</v></c>";
            case 'h': return $"<c{place} s=\"3\"><v>{value}</v></c>";
            case 'b': return $"<c{place} t=\"b\"><v>{value}</v></c>";
            case 'e': return $"<c{place} t=\"e\"><v>{value}</v></c>";
            case 'f': return $"<c{place} t=\"str\"><f>A1&amp;B1</f><v>{value}</v></c>";
            case 'x': return $"<c{place}><f>A1</f></c>";
        }

        if (text.Length == 0) return $"<c{place} s=\"1\"/>";
        var half = text.Length / 2;
        var escaped = SecurityElement.Escape(text);
        if (IsInline) return $"<c{place} t=\"inlineStr\"><is><t xml:space=\"preserve\">{escaped}</t></is></c>";
        // Rich text in two runs, with its reading for Japanese, which is none of it.
        _shared.Add($"<r><t xml:space=\"preserve\">{SecurityElement.Escape(text[..half])}</t></r>"
            + $"<r><t xml:space=\"preserve\">{SecurityElement.Escape(text[half..])}</t></r><rPh sb=\"0\" eb=\"1\"><t>no</t></rPh>");
        return $"<c{place} t=\"s\"><v>{_shared.Count - 1}</v></c>";
    }

    private static string Relations(string content) =>
        $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{content}</Relationships>";
}
