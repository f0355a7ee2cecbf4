using System.Globalization;
using CsvHelper;

namespace Driftwood.Engine.Files.Csv;

/// <summary>
/// Writes failed rows as a file that people can correct in a spreadsheet and import again: the columns of the original file, and the
/// faults. The file is RFC 4180 in UTF-8 with a byte order mark; without it, Excel reads UTF-8 in its own code page. A cell that begins
/// like a formula gets an apostrophe in front (<see cref="FormulaGuard"/>). An import removes it again if the three columns of this
/// class are present.
/// </summary>
public sealed class FailedRowsCsv : IAsyncDisposable
{
    private static readonly string[] OwnColumns = ["_row", "_code", "_message"];

    private readonly IReadOnlyList<string> _headers;
    private readonly CsvWriter _writer;

    /// <param name="output">The stream; it stays open.</param>
    /// <param name="headers">The file's columns, as in its preview.</param>
    public FailedRowsCsv(Stream output, IReadOnlyList<string> headers)
    {
        _headers = headers;
        _writer = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true, ValidateFieldCount = false }, leaveOpen: true);
    }

    /// <summary>Writes the names of the file's columns and of our own, which get a number if the file has the same name.</summary>
    public ValueTask WriteHeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var header in _headers) FormulaGuard.Write(_writer, header);
        foreach (var column in OwnColumns) FormulaGuard.Write(_writer, NameUnlike(_headers, column));
        return _writer.EndRecordAsync(cancellationToken);
    }

    /// <summary>
    /// Writes a row. A row that cannot be split is text in the first column. Cells beyond the file's columns come last, after our own,
    /// so that all others stand in their columns.
    /// </summary>
    /// <param name="number">The row's number among the file's data records.</param>
    /// <param name="code">The code of its fault.</param>
    /// <param name="message">The fault in words for people.</param>
    /// <param name="cells">The row's cells in UTF-8, or the whole record as one cell.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public ValueTask WriteAsync(long number, string code, string message, byte[][] cells, CancellationToken cancellationToken)
    {
        foreach (var cell in cells.Take(_headers.Count)) FormulaGuard.Write(_writer, cell);
        for (var i = cells.Length; i < _headers.Count; i++) _writer.WriteField("");
        _writer.WriteField(number.ToString(CultureInfo.InvariantCulture));
        _writer.WriteField(code);
        FormulaGuard.Write(_writer, message);
        foreach (var cell in cells.Skip(_headers.Count)) FormulaGuard.Write(_writer, cell);
        return _writer.EndRecordAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>Whether a file with these columns is a file of failed rows, corrected or not.</summary>
    internal static bool Is(IReadOnlyCollection<string> headers) => OwnColumns.All(headers.Contains);

    /// <summary>The name of a column of our own: with a number if the file has such a column.</summary>
    internal static string NameUnlike(IReadOnlyList<string> headers, string column)
    {
        var unique = column;
        for (var n = 2; headers.Contains(unique); n++) unique = FormattableString.Invariant($"{column} ({n})");
        return unique;
    }
}
