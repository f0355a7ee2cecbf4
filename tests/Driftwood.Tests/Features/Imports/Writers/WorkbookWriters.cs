using ClosedXML.Excel;
using MiniExcelLibs;
using MiniExcelLibs.Attributes;
using MiniExcelLibs.OpenXml;
using SpreadCheetah;

namespace Driftwood.Tests.Features.Imports.Writers;

/// <summary>Writes <see cref="WriterTable"/> with the libraries that write workbooks.</summary>
internal static class WorkbookWriters
{
    public static byte[] MiniExcel()
    {
        using var file = new MemoryStream();
        var rows = WriterTable.Rows.Select(row => WriterTable.Columns.Zip(row).ToDictionary(cell => cell.First, cell => cell.Second));
        // Without a format of its own, a column of MiniExcel shows days and hides the time, which is then left out.
        var times = new DynamicExcelColumn("seen") { Format = "yyyy-mm-dd hh:mm:ss" };
        file.SaveAs(rows, configuration: new OpenXmlConfiguration { DynamicColumns = [times] });
        return file.ToArray();
    }

    public static async Task<byte[]> SpreadCheetahAsync()
    {
        using var file = new MemoryStream();
        await using (var workbook = await Spreadsheet.CreateNewAsync(file))
        {
            await workbook.StartWorksheetAsync("People");
            await workbook.AddRowAsync([.. WriterTable.Columns.Select(column => new DataCell(column))]);
            foreach (var row in WriterTable.Rows) await workbook.AddRowAsync([.. row.Select(CellOf)]);
            await workbook.FinishAsync();
        }

        return file.ToArray();
    }

    public static byte[] ClosedXml()
    {
        using var file = new MemoryStream();
        using var workbook = new XLWorkbook();
        var sheet = workbook.AddWorksheet("People");
        for (var column = 0; column < WriterTable.Columns.Length; column++)
        {
            sheet.Cell(1, column + 1).SetValue(WriterTable.Columns[column]);
            for (var row = 0; row < WriterTable.Rows.Length; row++) Set(sheet.Cell(row + 2, column + 1), WriterTable.Rows[row][column]);
        }

        workbook.SaveAs(file);
        return file.ToArray();
    }

    private static DataCell CellOf(object? value) => value switch
    {
        null => new DataCell((string?)null),
        string text => new DataCell(text),
        decimal number => new DataCell(number),
        long number => new DataCell(number),
        bool truth => new DataCell(truth),
        DateTime time => new DataCell(time),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    private static void Set(IXLCell cell, object? value)
    {
        switch (value)
        {
            case string text: cell.SetValue(text); break;
            case decimal number: cell.SetValue(number); break;
            case long number: cell.SetValue(number); break;
            case bool truth: cell.SetValue(truth); break;
            case DateTime time: cell.SetValue(time); break;
        }
    }
}
