using System.Globalization;
using System.Text;
using CsvHelper;

namespace Driftwood.Engine.Files.Csv;

/// <summary>
/// Writes failed rows as a file that is mended in a spreadsheet and imported again: the columns of the file they come
/// from, and what was wrong. RFC 4180 in UTF-8 with a byte order mark, without which Excel takes UTF-8 for its own code
/// page. A cell that begins like a formula has an apostrophe before it (<see cref="FormulaGuard"/>), which an import
/// takes off again where the three columns of this class are there.
/// </summary>
public sealed class FailedRowsCsv : IAsyncDisposable
{
    private static readonly string[] OwnColumns = ["_row", "_code", "_message"];

    private readonly IReadOnlyList<string> _headers;
    private readonly CsvWriter _writer;

    /// <param name="output">Left open.</param>
    /// <param name="headers">The file's columns, as in its preview.</param>
    public FailedRowsCsv(Stream output, IReadOnlyList<string> headers)
    {
        _headers = headers;
        _writer = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true }, leaveOpen: true);
    }

    /// <summary>Writes the columns' names: those of the file, and our own, numbered where the file has such a name.</summary>
    public ValueTask WriteHeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var header in _headers) WriteText(Encoding.UTF8.GetBytes(header));
        foreach (var column in OwnColumns) WriteText(Encoding.UTF8.GetBytes(Unlike(column)));
        return _writer.EndRecordAsync(cancellationToken);
    }

    /// <summary>Writes a row. One without the file's columns stands as text in the first column.</summary>
    /// <param name="number">Its number among the file's data records.</param>
    /// <param name="code">Why it failed.</param>
    /// <param name="message">The same for people.</param>
    /// <param name="cells">Its cells in UTF-8, or the whole record as one.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public ValueTask WriteAsync(long number, string code, string message, byte[][] cells, CancellationToken cancellationToken)
    {
        foreach (var cell in cells) WriteText(cell);
        for (var i = cells.Length; i < _headers.Count; i++) _writer.WriteField("");
        _writer.WriteField(number.ToString(CultureInfo.InvariantCulture));
        _writer.WriteField(code);
        WriteText(Encoding.UTF8.GetBytes(message));
        return _writer.EndRecordAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    /// <summary>Whether a file with such columns is one of these, mended or not.</summary>
    internal static bool Is(IReadOnlyCollection<string> headers) => OwnColumns.All(headers.Contains);

    // Bytes that are not text, and NUL, become U+FFFD: a file of UTF-8 holds neither.
    private void WriteText(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8).Replace('\0', '\uFFFD');
        _writer.WriteField(FormulaGuard.Applies(utf8) ? "'" + text : text);
    }

    private string Unlike(string column)
    {
        var unique = column;
        for (var n = 2; _headers.Contains(unique); n++) unique = FormattableString.Invariant($"{column} ({n})");
        return unique;
    }
}
