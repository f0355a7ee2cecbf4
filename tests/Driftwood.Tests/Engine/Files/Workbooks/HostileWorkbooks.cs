using System.Text;

namespace Driftwood.Tests.Engine.Files.Workbooks;

/// <summary>Workbooks that nobody's spreadsheet would write.</summary>
public static class HostileWorkbooks
{
    private const string Sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>";

    /// <summary>Their names, each with the code that refuses it.</summary>
    public static TheoryData<string, string> All => new()
    {
        { "zip bomb", "too_large" },
        { "zip bomb of texts", "too_large" },
        { "zip bomb of relations", "too_large" },
        { "billion laughs", "broken_workbook" },
        { "external entity", "broken_workbook" },
        { "2^20 columns", "broken_workbook" },
        { "2^20 cells in a row", "too_many_columns" },
        { "2^20 blank cells in a row", "broken_workbook" },
        { "1001 columns", "too_many_columns" },
        { "endless attribute", "broken_workbook" },
        { "names without end", "broken_workbook" },
        { "deep elements", "broken_workbook" },
        { "missing sheet", "broken_workbook" },
        { "external sheet", "broken_workbook" },
        { "rows backwards", "broken_workbook" },
        { "text that is not there", "broken_workbook" },
        { "ten million texts", "too_large" },
        { "repeated text", "too_large" },
        { "not well formed", "broken_workbook" },
        { "encrypted", "encrypted_workbook" },
        { "binary workbook", "not_text" },
        { "empty sheet", "empty_file" },
    };

    public static byte[] Make(string name)
    {
        TestWorkbook Of(string rows) => new TestWorkbook().RawSheet("S", rows);
        return name switch
        {
            "zip bomb" => Of(Sheet + string.Concat(Enumerable.Repeat("<row/>" + new string(' ', 1 << 20), 80))).ToArray(),
            "zip bomb of texts" => new TestWorkbook().Sheet("S", [["n:1"]])
                .Part("xl/sharedStrings.xml", Repeated("<sst>", $"<si><t>{new string('a', 1_000)}</t></si>", 200_000)).ToArray(),
            "zip bomb of relations" => new TestWorkbook().Sheet("S", [["a"]])
                .Part(
                    "xl/_rels/workbook.xml.rels",
                    Repeated("<Relationships>", "<Relationship/>" + new string(' ', 1_000), 100_000)).ToArray(),
            "billion laughs" => Of("<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]>" + Sheet).ToArray(),
            "external entity" => Of("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" + Sheet + "&b;").ToArray(),
            "2^20 columns" => Of(Sheet + "<row>" + string.Concat(Enumerable.Repeat("<c/>", 3)) + "<c r=\"BGQCV1\"><v>1</v></c>").ToArray(),
            "2^20 cells in a row" =>
                Of(Sheet + "<row>" + string.Concat(Enumerable.Repeat("<c><v>1</v></c>", 1 << 20))).ToArray(),
            "2^20 blank cells in a row" => Of(Sheet + "<row>" + string.Concat(Enumerable.Repeat("<c/>", 1 << 20))).ToArray(),
            "1001 columns" => Of(Sheet + "<row><c r=\"ALM1\"><v>1</v></c>").ToArray(),
            "endless attribute" => Of(Sheet + "<row a=\"" + new string('>', 5 << 20)).ToArray(),
            "names without end" => Of(Sheet + string.Concat(Enumerable.Range(0, 30_000).Select(n => $"<a{n}/>"))).ToArray(),
            "deep elements" => Of(Sheet + string.Concat(Enumerable.Repeat("<a>", 100_000))).ToArray(),
            "missing sheet" => new TestWorkbook().Sheet("S", [["a"]])
                .Part("xl/_rels/workbook.xml.rels", Relation("Target=\"gone.xml\"")).ToArray(),
            "external sheet" => new TestWorkbook().Sheet("S", [["a"]])
                .Part("xl/_rels/workbook.xml.rels", Relation("TargetMode=\"External\" Target=\"file:///etc/passwd\"")).ToArray(),
            "rows backwards" => Of(Sheet + "<row r=\"2\"/><row r=\"1\"/>").ToArray(),
            "text that is not there" => Of(Sheet + "<row><c t=\"s\"><v>7</v></c></row>").ToArray(),
            "ten million texts" => new TestWorkbook().Sheet("S", [["n:1"]])
                .Part("xl/sharedStrings.xml", Repeated("<sst>", "<si/>", 10_000_000)).ToArray(),
            "repeated text" => new TestWorkbook().Sheet("S", [[new string('a', 30_000)]])
                .Part("xl/worksheets/s0.xml", Encoding.UTF8.GetBytes(
                    Sheet + string.Concat(Enumerable.Repeat("<row><c t=\"s\"><v>0</v></c></row>", 2_000)))).ToArray(),
            "not well formed" => Of(Sheet + "<row><c></row>").ToArray(),
            "encrypted" => [0xD0, 0xCF, 0x11, 0xE0, .. new byte[1000], .. Encoding.Unicode.GetBytes("EncryptedPackage"), .. new byte[1000]],
            "binary workbook" => new TestWorkbook().Sheet("S", [["a"]]).Part("xl/workbook.bin", [1]).ToArray(),
            "empty sheet" => new TestWorkbook().Sheet("S", []).ToArray(),
            _ => new TestWorkbook().Sheet("S", [["a"]]).ToArray(),
        };
    }

    private static byte[] Relation(string target) => Encoding.UTF8.GetBytes(
        $"<Relationships><Relationship Id=\"s0\" Type=\"x/worksheet\" {target}/></Relationships>");

    private static byte[] Repeated(string start, string part, int count)
    {
        using var all = new MemoryStream();
        all.Write(Encoding.UTF8.GetBytes(start));
        var bytes = Encoding.UTF8.GetBytes(part);
        for (var i = 0; i < count; i++) all.Write(bytes);
        return all.ToArray();
    }
}
