using System.Text;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Finds out what encloses the cells of a text: single quotes, or one pair of double quotes around each line.</summary>
internal static class QuoteFinder
{
    /// <summary>Share of the text cells that stand in quotes, and of the records that have the same number of cells.</summary>
    private const double Most = 0.9;

    private const int FewestCells = 2;
    private const int FewestRecords = 2;

    /// <summary>Whether nearly all cells of text stand in single quotes, and none in double quotes.</summary>
    /// <param name="text">The beginning of the text.</param>
    /// <param name="isWhole">No more text follows.</param>
    /// <param name="format">The format with single quotes.</param>
    public static bool AreSingle(ReadOnlySpan<byte> text, bool isWhole, CsvFormat format)
    {
        var splitter = new RecordSplitter(format);
        var (quoted, bare, isHeader) = (0, 0, true);
        while (!text.IsEmpty && splitter.Split(text, isWhole) is not SplitResult.Incomplete and var result)
        {
            var (ofRecord, bareOfRecord) = (0, result == SplitResult.Unclosed ? 1 : 0);
            for (var i = 0; i < splitter.CellCount; i++)
            {
                var cell = splitter.Value(text, i);
                if (cell.StartsWith("\""u8)) return false;
                if (splitter.IsQuoted(i)) ofRecord++;
                else if (IsText(cell)) bareOfRecord++;
            }

            // Some programs put only values in quotes.
            if (!isHeader || ofRecord > 0) bare += bareOfRecord;
            quoted += ofRecord;
            isHeader &= splitter.Length == 0;
            text = text[splitter.Next..];
        }

        return quoted >= FewestCells && quoted >= Most * (quoted + bare);
    }

    /// <summary>The number of records, if each stands in one pair of double quotes; else 0.</summary>
    public static int CountWrapped(ReadOnlySpan<byte> text, bool isWhole, CsvFormat format)
    {
        var splitter = new RecordSplitter(format);
        var count = 0;
        while (!text.IsEmpty && splitter.Split(text, isWhole) is not SplitResult.Incomplete and var result)
        {
            if (splitter.Length > 0)
            {
                if (result == SplitResult.Unclosed || splitter.CellCount != 1 || !splitter.IsQuoted(0) || splitter.HasStrayQuotes) return 0;
                count++;
            }

            text = text[splitter.Next..];
        }

        return count >= FewestRecords ? count : 0;
    }

    /// <summary>Whether nearly all records have the same number of cells, and more than one.</summary>
    public static bool AreTable(IReadOnlyList<SampleRecord> records)
    {
        var counts = records.Where(record => !record.IsBlank).GroupBy(record => record.Cells.Length).ToList();
        var usual = counts.MaxBy(group => group.Count());
        return usual is { Key: > 1 } && usual.Count() >= Most * counts.Sum(group => group.Count());
    }

    // Numbers and dates need no quotes, and databases write NULL without any.
    private static bool IsText(ReadOnlySpan<byte> cell)
    {
        foreach (var b in cell)
        {
            if (b >= 0x80 || char.IsAsciiLetter((char)b)) return !Ascii.EqualsIgnoreCase(cell, "null"u8) && !cell.SequenceEqual("\\N"u8);
        }

        return false;
    }
}
