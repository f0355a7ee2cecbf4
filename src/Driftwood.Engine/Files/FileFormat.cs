namespace Driftwood.Engine.Files;

/// <summary>Opens the stored file at its beginning, once for each reading. Errors come from the storage.</summary>
public delegate Task<Stream> OpenFile(CancellationToken cancellationToken);

/// <summary>
/// How a file is read. The format is found when the upload is completed and stored with the import; every reader uses it. Each kind
/// of file has its own record type.
/// </summary>
public abstract record FileFormat
{
    // These records are kept as one cell, because they cannot be split.
    private static readonly string[] WithoutColumns = ["unclosed_quote", "record_too_large", "row_not_kept"];

    /// <summary><c>none</c> or <c>gzip</c>. The content decides, not the name.</summary>
    public string Compression { get; init; } = "none";

    /// <summary>The first record names the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The number of columns in the header, or in the first record if there is no header.</summary>
    public int ColumnCount { get; init; }

    /// <summary>
    /// The file contains failed rows that Driftwood wrote. An apostrophe before a formula character is then not part of the cell.
    /// </summary>
    public bool IsFailedRows { get; init; }

    /// <summary>Null until the preview is made, and in formats of an earlier version.</summary>
    public FileSuggestion? Suggestion { get; init; }

    /// <summary>Columns that the file has in any case, also if the header names fewer.</summary>
    internal virtual int MinColumns => 0;

    /// <summary>Describes the format for callers.</summary>
    public abstract FileDescription Describe();

    /// <summary>Opens a file at its first record, which may be the header. The reader owns <paramref name="file"/>.</summary>
    internal abstract Task<RowReader> OpenAsync(Stream file, CancellationToken cancellationToken);

    /// <summary>Finds out over all rows whether another format suits the file better. Null if this format is certain.</summary>
    internal virtual FormatDoubts? NewDoubts(FileOverrides overrides) => null;

    /// <summary>Whether a row with such a fault is split into cells.</summary>
    internal static bool HasCells(string code) => !WithoutColumns.Contains(code);

    /// <summary>Splits a record from <see cref="RowReader.Raw"/> into cells. Returns none if it is not a record.</summary>
    internal abstract byte[][] SplitRecord(ReadOnlyMemory<byte> record);

    /// <summary>Opens a file at its first data record.</summary>
    internal async Task<RowReader> OpenRowsAsync(OpenFile file, CancellationToken cancellationToken)
    {
        var rows = await OpenAsync(await file(cancellationToken), cancellationToken);
        await rows.SkipHeaderAsync(this, cancellationToken);
        return rows;
    }

    /// <summary>
    /// The stored cells of a failed record: its own cells, fewer or more than the file has columns, or the record as one cell if it
    /// cannot be split.
    /// </summary>
    /// <param name="record">The record as the reader returned it.</param>
    /// <param name="code">The code of its fault.</param>
    internal virtual byte[][] KeepCells(ReadOnlyMemory<byte> record, string code)
    {
        if (HasCells(code) && record.Length < FileLimits.MaxRawBytes)
        {
            var cells = SplitRecord(record);
            if (cells.Length > 0) return cells;
        }

        return [record[..Math.Min(record.Length, FileLimits.MaxRawBytes)].ToArray()];
    }
}

/// <summary>A format in words, for people who look at a preview.</summary>
/// <param name="Encoding">The encoding of its text.</param>
/// <param name="Delimiter">The character between cells.</param>
/// <param name="LineEnding"><c>lf</c>, <c>crlf</c>, <c>cr</c> or <c>mixed</c>.</param>
/// <param name="Compression"><c>none</c> or <c>gzip</c>.</param>
/// <param name="HasBom">The file begins with a byte order mark.</param>
/// <param name="HasHeader">The table's first record names the columns.</param>
/// <param name="HeaderRow">The number of that record in the file, from 1; null if there is none. Blank lines count.</param>
/// <param name="Quote">The sign around quoted cells: a double quote or a single one.</param>
/// <param name="Escape">What escapes a quote inside a quoted cell: a quote or a backslash.</param>
/// <param name="RaggedRows">How records that lack cells at their end are treated.</param>
/// <param name="Certainty">How certain the encoding is; null if the caller gave it.</param>
/// <param name="Undecodable">Places in the file that are not text in the encoding.</param>
/// <param name="Sheet">The sheet of a workbook; null for other files.</param>
public sealed record FileDescription(
    string Encoding,
    string Delimiter,
    string LineEnding,
    string Compression,
    bool HasBom,
    bool HasHeader,
    int? HeaderRow,
    string Quote,
    string Escape,
    RaggedRows RaggedRows,
    double? Certainty,
    long Undecodable,
    string? Sheet);
