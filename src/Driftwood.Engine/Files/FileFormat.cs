namespace Driftwood.Engine.Files;

/// <summary>Opens the stored file at its beginning; called once for each reading. Errors are the opener's own.</summary>
public delegate Task<Stream> OpenFile(CancellationToken cancellationToken);

/// <summary>
/// How a file is read: found when its upload is completed, kept with the import, the same for every reader. Each kind of file is
/// a record of its own.
/// </summary>
public abstract record FileFormat
{
    // Such records are kept as one cell, since they do not have the file's columns.
    private static readonly string[] WithoutColumns = ["unclosed_quote", "wrong_column_count", "record_too_large"];

    /// <summary><c>none</c> or <c>gzip</c>, by content and not by name.</summary>
    public string Compression { get; init; } = "none";

    /// <summary>The first record names the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Columns of a record: those of the header, or of the first record without one.</summary>
    public int ColumnCount { get; init; }

    /// <summary>
    /// The file is one of failed rows that came from here: an apostrophe before what begins like a formula is not part of a cell.
    /// </summary>
    public bool IsFailedRows { get; init; }

    /// <summary>What a caller is told of it.</summary>
    public abstract FileDescription Describe();

    /// <summary>Opens a file at its first record, which may be its header. The reader owns <paramref name="file"/>.</summary>
    internal abstract Task<RowReader> OpenAsync(Stream file, CancellationToken cancellationToken);

    /// <summary>The cells of a record that its reader gave as <see cref="RowReader.Raw"/>; none where it is no record.</summary>
    internal abstract byte[][] SplitRecord(ReadOnlyMemory<byte> record);

    /// <summary>Opens a file at its first data record.</summary>
    internal async Task<RowReader> OpenRowsAsync(OpenFile file, CancellationToken cancellationToken)
    {
        var rows = await OpenAsync(await file(cancellationToken), cancellationToken);
        await rows.SkipHeaderAsync(this, cancellationToken);
        return rows;
    }

    /// <summary>
    /// The cells that are kept of a failed record: its own where it has the file's columns and is whole, else the record as one.
    /// </summary>
    /// <param name="record">As its reader gave it.</param>
    /// <param name="code">Why it failed.</param>
    internal byte[][] KeepCells(ReadOnlyMemory<byte> record, string code)
    {
        if (!WithoutColumns.Contains(code) && record.Length < FileLimits.MaxRawBytes)
        {
            var cells = SplitRecord(record);
            if (cells.Length == ColumnCount) return cells;
        }

        return [record[..Math.Min(record.Length, FileLimits.MaxRawBytes)].ToArray()];
    }
}

/// <summary>A format in words, for whoever looks at a preview.</summary>
/// <param name="Encoding">The encoding of its text.</param>
/// <param name="Delimiter">The character between cells.</param>
/// <param name="LineEnding"><c>lf</c>, <c>crlf</c>, <c>cr</c> or <c>mixed</c>.</param>
/// <param name="Compression"><c>none</c> or <c>gzip</c>.</param>
/// <param name="HasBom">The file begins with a byte order mark.</param>
/// <param name="HasHeader">The first record names the columns.</param>
public sealed record FileDescription(
    string Encoding, string Delimiter, string LineEnding, string Compression, bool HasBom, bool HasHeader);
