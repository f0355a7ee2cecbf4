namespace Driftwood.Engine.Files.Csv;

/// <summary>Finds the delimiter by the table that it makes: its header, and how well the rows fit the header.</summary>
internal static class DelimiterFinder
{
    private static readonly char[] Candidates = [',', ';', '\t', '|'];

    /// <summary>Finds the delimiter. A comma if the text has one column.</summary>
    public static async Task<char> FindAsync(
        ReadOnlyMemory<byte> text, bool isWhole, CsvFormat format, KnownNames? names, CancellationToken cancellationToken)
    {
        var (best, bestScore) = (',', 0.0);
        // Whether backslashes escape is decided later, over all rows.
        var mayEscape = format.Escape != CsvFormat.Backslash && text.Span.IndexOf("\\\""u8) >= 0;
        foreach (var candidate in Candidates)
        {
            if (!text.Span.Contains((byte)candidate)) continue;
            var candidateFormat = format with { Delimiter = candidate };
            var score = Score(await SampleRecord.ReadAsync(text, isWhole, candidateFormat, cancellationToken), names);
            if (mayEscape)
            {
                candidateFormat = candidateFormat with { Escape = CsvFormat.Backslash };
                score = Math.Max(score, Score(await SampleRecord.ReadAsync(text, isWhole, candidateFormat, cancellationToken), names));
            }

            if (score > bestScore) (best, bestScore) = (candidate, score);
        }

        return best;
    }

    private static double Score(List<SampleRecord> records, KnownNames? names)
    {
        if (records.Count == 0) return 0;
        var start = TableStart.Find(records, names);
        var header = records[start.Skipped];
        if (header.Cells.Length < 2) return 0;
        var below = records.Skip(start.Skipped + 1).Where(record => !record.IsBlank).ToList();
        var fit = below.Count == 0 ? 1 : below.Average(record => Fit(record, header.Cells.Length));
        var known = start.HasHeader && names is not null ? names([.. header.Cells.Where(cell => cell.Length > 0).Distinct()]) : 0;
        return fit + (0.1 * Math.Min(known, 5)) + (0.01 * Math.Min(header.Cells.Length, 20));
    }

    private static double Fit(SampleRecord record, int columns) => record.Cells.Length switch
    {
        var count when count == columns => 1,
        > 1 when record.Cells.Length < columns => 0.6,
        _ when record.Cells.Length > columns && record.Width <= columns => 0.9,
        _ => 0,
    };
}
