using System.Text;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Tests.Engine.Records;

/// <summary>Tests the tables of docs/imports.md.</summary>
public sealed class CellDocsTests
{
    private readonly string[] _lines = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(SourceFile())!, "../../../../docs/imports.md"));

    [Fact]
    public void Dates_are_read_as_told() => Check(
        "| cell | `yyyy-mm-dd` | `dd-mm-yyyy` | `mm-dd-yyyy` |",
        FieldKind.Date,
        new(DateFormat.YearMonthDay, false), new(DateFormat.DayMonthYear, false), new(DateFormat.MonthDayYear, false));

    [Fact]
    public void Times_are_read_as_told() =>
        Check("| cell, `dd-mm-yyyy` | stored |", FieldKind.DateTime, new CellFormat(DateFormat.DayMonthYear, false));

    [Fact]
    public void Numbers_are_read_as_told() => Check("| cell | `false` | `true` |", FieldKind.Decimal, default, new(default, true));

    [Fact]
    public void Cells_of_programs_are_read_as_told()
    {
        var rows = Rows("| kind | cell | stored |");
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var kind = Enum.Parse<FieldKind>(row[0], ignoreCase: true);
            Assert.Equal(row[2], ReadFile(kind, row[1].Trim('`')));
        });
    }

    private static string ReadFile(FieldKind kind, string cell)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var format = new CellFormat(DateFormat.MonthDayYear, false) { IsFile = true };
        var isGood = CellReader.TryRead(
            new Field("f", "F", kind), Encoding.UTF8.GetBytes(cell), scratch, out var stored, out var fault, format);
        if (!isGood) return "–";
        return (stored.IsEmpty ? "blank" : Encoding.UTF8.GetString(stored)) + (fault is null ? "" : $", `{fault.Code}`");
    }

    private IEnumerable<string[]> Rows(string heading) => _lines.SkipWhile(line => line != heading).Skip(2)
        .TakeWhile(line => line.StartsWith('|')).Select(row => row.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    private void Check(string heading, FieldKind kind, params CellFormat[] formats)
    {
        var rows = _lines.SkipWhile(line => line != heading).Skip(2).TakeWhile(line => line.StartsWith('|')).ToArray();
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var columns = row.Trim('|').Split('|', StringSplitOptions.TrimEntries);
            Assert.Equal(columns[1..], formats.Select(format => Read(kind, columns[0].Trim('`'), format)));
        });
    }

    private static string Read(FieldKind kind, string cell, CellFormat format)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        return CellReader.TryRead(new Field("f", "F", kind), Encoding.UTF8.GetBytes(cell), scratch, out var stored, out _, format)
            ? Encoding.UTF8.GetString(stored) : "–";
    }

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
}
