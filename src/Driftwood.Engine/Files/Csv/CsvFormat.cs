using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Csv;

/// <summary>How delimited text is read. A property that an older stored format lacks has the default that it was read with.</summary>
public sealed record CsvFormat : FileFormat
{
    /// <summary>The <see cref="Escape"/> of text whose backslashes escape quotes, delimiters, line breaks and backslashes.</summary>
    public const char Backslash = '\\';

    /// <summary>The <see cref="Quote"/> of text whose cells stand in single quotes.</summary>
    public const char SingleQuote = '\'';

    /// <summary>The name of an encoding, as <see cref="Encodings.TextEncodings"/> knows it.</summary>
    public required string Encoding { get; init; }

    /// <summary>How certain the detected encoding is, from 0 to 1; null if the caller gave it.</summary>
    public double? EncodingConfidence { get; init; }

    /// <summary>Places in the file that are not text in the encoding.</summary>
    public long Undecodable { get; init; }

    /// <summary>One ASCII character. Detected: <c>,</c> <c>;</c> tab or <c>|</c>. Given: any except quote and line breaks.</summary>
    public required char Delimiter { get; init; }

    /// <summary>The sign around quoted cells: a double quote or <see cref="SingleQuote"/>.</summary>
    public char Quote { get; init; } = '"';

    /// <summary>Each line stands in one pair of double quotes, with those of its cells doubled. The pair is no part of the text.</summary>
    public bool HasWrappedLines { get; init; }

    /// <summary>The character that escapes a quote inside a quoted cell: another quote, or <see cref="Backslash"/>.</summary>
    public char Escape { get; init; } = '"';

    /// <summary>The file begins with a byte order mark.</summary>
    public bool HasBom { get; init; }

    /// <summary>The line endings at the file's beginning: <c>lf</c>, <c>crlf</c>, <c>cr</c> or <c>mixed</c>. Every kind is read.</summary>
    public string LineEnding { get; init; } = "lf";

    /// <summary>The first line is <c>sep=…</c>, as spreadsheets write it. It is not a record.</summary>
    public bool HasSeparatorLine { get; init; }

    /// <summary>Records between the <c>sep=</c> line, if there is one, and the table. Blank lines count as records.</summary>
    public int SkippedRecords { get; init; }

    /// <summary>How records that lack cells at their end are treated.</summary>
    public RaggedRows RaggedRows { get; init; }

    /// <summary>Nearly all records have blank cells beyond the columns. Such cells are dropped.</summary>
    public bool DropsSurplusBlanks { get; init; }

    /// <summary>Where text comes from that Driftwood wrote of another kind of file; null for a file as it was uploaded.</summary>
    public TableOrigin? Origin { get; init; }

    /// <summary>The text has failed rows of an import that are tried again, with their numbers in its file.</summary>
    public bool IsRetry { get; init; }

    /// <summary>The number of the table's first record in the file, from 1. The <c>sep=</c> line and blank lines count.</summary>
    internal int FirstRecord => SkippedRecords + (HasSeparatorLine ? 2 : 1);

    public override FileDescription Describe() => new(
        Encoding,
        Delimiter.ToString(),
        LineEnding,
        Compression,
        HasBom,
        HasHeader,
        HasHeader ? FirstRecord : null,
        Quote.ToString(),
        Escape.ToString(),
        RaggedRows,
        EncodingConfidence,
        Undecodable,
        Origin?.Sheet);

    internal override int MinColumns => Origin?.Width ?? 0;

    /// <summary>The format of failed rows that are tried again.</summary>
    /// <param name="first">The format of the file in which they failed.</param>
    public static CsvFormat OfRetry(FileFormat first) => new()
    {
        Encoding = "utf-8",
        Delimiter = ',',
        LineEnding = "crlf",
        HasHeader = false,
        ColumnCount = first.ColumnCount,
        RaggedRows = first.Describe().RaggedRows,
        Suggestion = first.Suggestion,
        IsRetry = true,
    };

    internal override async Task<RowReader> OpenAsync(Stream file, CancellationToken cancellationToken) =>
        IsRetry
        ? new RetriedRows(await CsvRows.OpenAsync(file, this with { ColumnCount = 0 }, cancellationToken))
        : await CsvRows.OpenAsync(file, this, cancellationToken);

    internal override FormatDoubts? NewDoubts(FileOverrides overrides) => Origin is null ? new CsvDoubts(this, overrides) : null;

    internal override byte[][] SplitRecord(ReadOnlyMemory<byte> record)
    {
        var splitter = new RecordSplitter(this);
        if (record.IsEmpty || splitter.Split(record.Span, isEnd: true) != SplitResult.Record) return [];
        var count = splitter.CellCount;
        // Surplus cells that are blank are dropped here as the reader drops them.
        while (DropsSurplusBlanks && count > ColumnCount && IsBlank(splitter.Value(record.Span, count - 1))) count--;
        var cells = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var cell = splitter.Value(record.Span, i);
            cells[i] = (IsFailedRows ? FormulaGuard.Remove(cell) : cell).ToArray();
        }

        return cells;
    }

    private static bool IsBlank(ReadOnlySpan<byte> cell) => Records.Text.Blank.Trim(cell).IsEmpty;
}
