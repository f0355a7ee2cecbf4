using CsvHelper;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Erasure;

/// <summary>Writes rows as RFC 4180 in UTF-8. Every cell is quoted, so that a row of blank cells is not a blank line.</summary>
internal sealed class CsvCopy(Stream output, bool hasByteOrderMark = false) : IAsyncDisposable
{
    /// <summary>Columns of a receipt that are our own. They come last, and only cells beyond the file's columns after them.</summary>
    private const int OwnColumns = 6;

    private readonly CsvWriter _writer = CsvWriter.Create(
        output,
        new CsvWriterOptions { WriteByteOrderMark = hasByteOrderMark, ValidateFieldCount = false, Quoting = CsvQuoting.Always },
        leaveOpen: true);

    /// <summary>How a receipt is read, with its header as the first row.</summary>
    public static CsvFormat Receipt { get; } = new() { Encoding = "utf-8", Delimiter = ',', HasBom = true, HasHeader = false };

    /// <summary>How the copy of a file is read.</summary>
    public static CsvFormat FormatOf(FileFormat original) => original is CsvFormat { IsRetry: true } retry ? retry : new()
    {
        Encoding = "utf-8",
        Delimiter = ',',
        LineEnding = "crlf",
        Compression = original.Compression,
        HasHeader = original.HasHeader,
        ColumnCount = original.ColumnCount,
        RaggedRows = original.Describe().RaggedRows,
        Suggestion = original.Suggestion,
        Origin = (original as CsvFormat)?.Origin,
    };

    public ValueTask WriteAsync(IEnumerable<string> cells, CancellationToken cancellationToken)
    {
        foreach (var cell in cells) _writer.WriteField(cell);
        return _writer.EndRecordAsync(cancellationToken);
    }

    /// <summary>Writes a row. One that cannot be split into cells is text in the first cell.</summary>
    public ValueTask WriteAsync(RowReader row, CancellationToken cancellationToken)
    {
        (row as RetriedRows)?.WriteOwn(_writer);
        if (row.FieldCount == 0) _writer.WriteField(row.Raw);
        for (var i = 0; i < row.FieldCount; i++) _writer.WriteField(row[i]);
        return _writer.EndRecordAsync(cancellationToken);
    }

    /// <summary>Writes blank cells in place of a row. One that is tried again keeps its numbers.</summary>
    public ValueTask WriteBlankAsync(RowReader row, int columns, CancellationToken cancellationToken)
    {
        (row as RetriedRows)?.WriteOwn(_writer);
        return WriteAsync(Enumerable.Repeat("", Math.Max(1, columns)), cancellationToken);
    }

    /// <summary>Writes a receipt's line with nothing but its row, outcome, record and code.</summary>
    public ValueTask WriteErasedLineAsync(RowReader line, int columns, CancellationToken cancellationToken)
    {
        var own = columns - OwnColumns;
        for (var i = 0; i < columns; i++)
        {
            switch (i - own)
            {
                case 0 or 1 or 2 or 4:
                    _writer.WriteField(line[i]);
                    break;
                case 5:
                    _writer.WriteField("Erased.");
                    break;
                default:
                    _writer.WriteField("");
                    break;
            }
        }

        return _writer.EndRecordAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
