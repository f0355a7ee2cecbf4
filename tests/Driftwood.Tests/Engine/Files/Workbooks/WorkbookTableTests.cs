using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Workbooks;

namespace Driftwood.Tests.Engine.Files.Workbooks;

/// <summary>What a sheet's cells are as text, and which workbooks are refused.</summary>
public sealed class WorkbookTableTests
{
    private const string Sheet = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>";

    [Theory]
    [InlineData("00123", "00123")]
    [InlineData("1234567890123456", "1234567890123456")]
    [InlineData("n:90071992547409931", "90071992547409931")]
    [InlineData("n:1.5E-3", "0.0015")]
    [InlineData("n:1.2345E+20", "123450000000000000000")]
    [InlineData("n:4.3499999999999996", "4.35")]
    [InlineData("n:-0.30000000000000004", "-0.3")]
    [InlineData("n:12.50", "12.5")]
    [InlineData("d:45823", "2025-06-15")]
    [InlineData("d:45823.75", "2025-06-15")]
    [InlineData("d:1", "1900-01-01")]
    [InlineData("d:59", "1900-02-28")]
    [InlineData("d:60", "1900-02-29")]
    [InlineData("d:61", "1900-03-01")]
    [InlineData("t:45823.604166666664", "2025-06-15T14:30:00")]
    [InlineData("t:45823", "2025-06-15")]
    [InlineData("h:1.5", "36:00:00")]
    [InlineData("d:-5", "-5")]
    [InlineData("b:1", "TRUE")]
    [InlineData("b:0", "FALSE")]
    [InlineData("e:#N/A", "#N/A")]
    [InlineData("f:Ida Berg", "Ida Berg")]
    [InlineData("x:", "")]
    [InlineData("a _x0041_ <b> & \"c\"", "\"a A <b> & \"\"c\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    public async Task A_cell_is_text_as_it_is_stored(string cell, string text)
    {
        foreach (var isInline in new[] { false, true })
        {
            var file = new TestWorkbook { IsInline = isInline, HasNoPlaces = isInline }.Sheet("S", [["x", cell, "y"]]).ToArray();
            Assert.Equal($"x,{text},y\n", await TextAsync(file));
        }
    }

    [Fact]
    public async Task Days_of_1904_are_counted_from_1904() => Assert.Equal(
        "2025-06-15,1904-01-01\n", await TextAsync(new TestWorkbook { Is1904 = true }.Sheet("S", [["d:44361", "d:0"]]).ToArray()));

    [Fact]
    public async Task Blank_rows_keep_their_lines_and_blank_cells_their_places() => Assert.Equal(
        "a,,c\n\n\nd\n", await TextAsync(new TestWorkbook().Sheet("S", [["a", "", "c"], [], ["", ""], ["d", ""], [""]]).ToArray()));

    [Theory]
    [InlineData(null, "second")]
    [InlineData("first", "first")]
    [InlineData("THIRD", "third")]
    [InlineData("3", "third")]
    [InlineData("1", "first")]
    public async Task A_sheet_is_chosen_by_name_or_number_and_hidden_ones_are_left_alone(string? named, string expected)
    {
        var file = new TestWorkbook().Sheet("first", [["first"]], "hidden").Sheet("second", [["second"]]).Sheet("third", [["third"]]);
        Assert.Equal(expected + "\n", await TextAsync(file.ToArray(), named));
    }

    [Fact]
    public void Number_formats_tell_dates()
    {
        string[] dates = ["yyyy\\-mm\\-dd", "d. mmmm yyyy", "[$-407]dd/mm/yy", "mmm-yy"];
        string[] numbers = ["0.00E+00", "#,##0.00 \"days\"", "[Red]0", "General", "0%", "\\d0"];
        Assert.All(dates, code => Assert.Equal(CellForm.Date, CellForms.Of(code)));
        Assert.All(numbers, code => Assert.Equal(CellForm.Number, CellForms.Of(code)));
        Assert.Equal(CellForm.DateTime, CellForms.Of("m/d/yy h:mm AM/PM"));
        Assert.Equal(CellForm.Time, CellForms.Of("mm:ss.0"));
        Assert.Equal(CellForm.Elapsed, CellForms.Of("[hh]:mm"));
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "zip bomb", "too_large" },
        { "billion laughs", "broken_workbook" },
        { "external entity", "broken_workbook" },
        { "2^20 columns", "broken_workbook" },
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
        { "no such sheet", "unknown_sheet" },
        { "empty sheet", "empty_file" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_hostile_workbook_is_refused_with_bounded_memory(string name, string code)
    {
        var file = FileOf(name);
        GC.Collect();
        var before = GC.GetTotalMemory(true);
        var sheet = name == "no such sheet" ? "7" : null;
        var refused = await Assert.ThrowsAsync<UnreadableFileException>(() => TextAsync(file, sheet, 8 << 20));
        Assert.Equal(code, refused.Code);
        Assert.True(GC.GetTotalMemory(true) - before < 64 << 20);
    }

    private static async Task<string> TextAsync(byte[] file, string? sheet = null, long maxBytes = 1 << 20)
    {
        using var output = new MemoryStream();
        var table = await WorkbookTable.WriteAsync(new MemoryStream(file), sheet, output, maxBytes, TestContext.Current.CancellationToken);
        Assert.NotNull(table);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static byte[] FileOf(string name)
    {
        TestWorkbook Of(string rows) => new TestWorkbook().RawSheet("S", rows);
        return name switch
        {
            "zip bomb" => Of(Sheet + string.Concat(Enumerable.Repeat("<row/>" + new string(' ', 1 << 20), 80))).ToArray(),
            "billion laughs" => Of("<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]>" + Sheet).ToArray(),
            "external entity" => Of("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" + Sheet + "&b;").ToArray(),
            "2^20 columns" => Of(Sheet + "<row>" + string.Concat(Enumerable.Repeat("<c/>", 3)) + "<c r=\"BGQCV1\"><v>1</v></c>").ToArray(),
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
            "ten million texts" => new TestWorkbook().Sheet("S", [["n:1"]]).Part("xl/sharedStrings.xml", Texts(10_000_000)).ToArray(),
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

    private static byte[] Texts(int count)
    {
        using var texts = new MemoryStream();
        texts.Write("<sst>"u8);
        for (var i = 0; i < count; i++) texts.Write("<si/>"u8);
        return texts.ToArray();
    }
}
