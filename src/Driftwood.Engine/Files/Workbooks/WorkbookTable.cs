using System.Globalization;
using System.Text;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>Makes a table of delimited text of a workbook's sheet, in one reading and with bounded memory.</summary>
internal static class WorkbookTable
{
    private static ReadOnlySpan<byte> OldMagic => [0xD0, 0xCF, 0x11, 0xE0];

    /// <summary>Whether a file may be a workbook, by its first bytes.</summary>
    public static bool MayBe(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8) || start.StartsWith(OldMagic);

    /// <summary>Writes a sheet as delimited text.</summary>
    /// <param name="file">The file; it can seek.</param>
    /// <param name="named">The name or number of the sheet; null for the first one that is not hidden.</param>
    /// <param name="output">Takes the text.</param>
    /// <param name="maxBytes">More text is refused.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Null if the file is no workbook. Nothing was written then.</returns>
    /// <exception cref="UnreadableFileException">The workbook cannot be read, or has no such sheet.</exception>
    public static async Task<ConvertedTable?> WriteAsync(
        Stream file, string? named, Stream output, long maxBytes, CancellationToken cancellationToken)
    {
        RefuseEncrypted(file);
        using var workbook = WorkbookFile.Open(file);
        if (workbook is null) return null;
        var sheets = workbook.Sheets.ConvertAll(each => each.Sheet);
        var (sheet, part) = workbook.Sheets[Choose(sheets, named)];
        using var texts = workbook.ReadTexts(cancellationToken);
        using var xml = workbook.OpenPart(part);
        var writer = new TableWriter(output, maxBytes);
        var rows = new SheetRows(workbook, texts, xml);
        var count = 0L;
        while (rows.Read())
        {
            writer.Write(rows.Number, rows.Cells);
            if (writer.IsFull) await writer.FlushAsync(cancellationToken);
            if (++count % 1_000 == 0) cancellationToken.ThrowIfCancellationRequested();
        }

        await writer.FlushAsync(cancellationToken);
        if (writer.Width > 0)
            return new ConvertedTable { Origin = new TableOrigin(sheet.Name, writer.Width), Sheets = sheets, Notes = rows.Notes() };
        throw new UnreadableFileException("empty_file", $"The sheet {sheet.Name} is empty. {Known(sheets)}");
    }

    private static int Choose(List<Sheet> sheets, string? named)
    {
        if (named is null) return Math.Max(0, sheets.FindIndex(sheet => !sheet.Hidden));
        var found = sheets.FindIndex(sheet => sheet.Name.Equals(named, StringComparison.OrdinalIgnoreCase));
        if (found < 0 && int.TryParse(named, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= sheets.Count)
            found = number - 1;
        return found >= 0 ? found : throw new UnreadableFileException("unknown_sheet", $"The workbook has no such sheet. {Known(sheets)}");
    }

    private static string Known(List<Sheet> sheets) => $"Its sheets: {string.Join(", ", sheets.Take(20).Select(sheet => sheet.Name))}.";

    // An encrypted workbook is an old Office file with a stream of this name.
    private static void RefuseEncrypted(Stream file)
    {
        var start = new byte[1 << 16];
        file.Position = 0;
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var tail = new byte[(int)Math.Min(file.Length, 1 << 16)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        file.Position = 0;
        if (!start.AsSpan(0, length).StartsWith(OldMagic)) return;
        var name = Encoding.Unicode.GetBytes("EncryptedPackage");
        if (start.AsSpan().IndexOf(name) < 0 && tail.AsSpan().IndexOf(name) < 0) return;
        throw new UnreadableFileException(
            "encrypted_workbook", "The workbook has a password. What to do: save it without one, or save the sheet as CSV.");
    }
}
