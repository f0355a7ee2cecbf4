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
    [InlineData("n:9.007199254740991E+15", "9007199254740991")]
    [InlineData("n:-4.721E10", "-47210000000")]
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
    public async Task Parts_may_begin_with_a_byte_order_mark()
    {
        byte[] sheet = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Sheet + "<row><c><v>7</v></c></row></sheetData></worksheet>")];
        Assert.Equal("7\n", await TextAsync(new TestWorkbook().Sheet("S", [["a"]]).Part("xl/worksheets/s0.xml", sheet).ToArray()));
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

    [Theory]
    [MemberData(nameof(HostileWorkbooks.All), MemberType = typeof(HostileWorkbooks))]
    public async Task A_hostile_workbook_is_refused(string name, string code)
    {
        var refused = await Assert.ThrowsAsync<UnreadableFileException>(
            () => TextAsync(HostileWorkbooks.Make(name), maxBytes: 8 << 20));
        Assert.Equal(code, refused.Code);
    }

    [Fact]
    public async Task A_sheet_that_is_not_there_is_refused()
    {
        var file = new TestWorkbook().Sheet("S", [["a"]]).ToArray();
        Assert.Equal("unknown_sheet", (await Assert.ThrowsAsync<UnreadableFileException>(() => TextAsync(file, "7"))).Code);
    }

    private static async Task<string> TextAsync(byte[] file, string? sheet = null, long maxBytes = 1 << 20)
    {
        using var output = new MemoryStream();
        var table = await WorkbookTable.WriteAsync(new MemoryStream(file), sheet, output, maxBytes, TestContext.Current.CancellationToken);
        Assert.NotNull(table);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
