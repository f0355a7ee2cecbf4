using CsvHelper;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files.Tables;

/// <summary>
/// Stores failed rows of an import, so that another one tries them again under their numbers. The rows are in file order.
/// </summary>
/// <param name="output">The stream; it stays open.</param>
/// <param name="columns">The number of the file's columns.</param>
public sealed class RetriedRowsWriter(Stream output, int columns) : IAsyncDisposable
{
    private readonly CsvWriter _writer = CsvWriter.Create(
        output, new CsvWriterOptions { ValidateFieldCount = false }, leaveOpen: true);

    /// <summary>Whether a failed row can be tried as it is. Of any other, not all cells are known, or not their columns.</summary>
    /// <param name="code">The code of its fault.</param>
    /// <param name="cells">What is kept of it.</param>
    public static bool CanBeTried(string code, byte[][] cells) =>
        code != "wrong_column_count" && FileFormat.HasCells(code) && !IsCut(cells);

    /// <summary>Whether only the beginning of a row is kept.</summary>
    public static bool IsCut(byte[][] cells) => cells is [{ Length: >= FileLimits.MaxRawBytes }];

    /// <summary>Writes a row that is to be tried.</summary>
    /// <param name="number">The row's number in the first file.</param>
    /// <param name="line">Its line there.</param>
    /// <param name="cells">Its cells. Those that are missing at its end are blank.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public ValueTask WriteAsync(long number, long line, byte[][] cells, CancellationToken cancellationToken)
    {
        RetriedRows.WriteOwn(_writer, number, line, fault: null);
        return WriteCellsAsync(cells, columns, cancellationToken);
    }

    /// <summary>Writes a row that fails again, since it cannot be tried as it is.</summary>
    /// <param name="number">The row's number in the first file.</param>
    /// <param name="line">Its line there.</param>
    /// <param name="code">The code of its fault.</param>
    /// <param name="message">The message of its fault.</param>
    /// <param name="cells">What is kept of it.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public ValueTask WriteFailedAsync(
        long number, long line, string code, string message, byte[][] cells, CancellationToken cancellationToken)
    {
        var fault = IsCut(cells) && FileFormat.HasCells(code)
            ? new Fault("row_not_kept", FormattableString.Invariant(
                $"Only the first {FileLimits.MaxRawBytes} bytes of the row are kept: give the cells of all its mapped columns."))
            : new Fault(code, message);
        RetriedRows.WriteOwn(_writer, number, line, fault);
        return WriteCellsAsync(cells, columns: 0, cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private ValueTask WriteCellsAsync(byte[][] cells, int columns, CancellationToken cancellationToken)
    {
        foreach (var cell in cells) _writer.WriteField(cell);
        for (var i = cells.Length; i < columns; i++) _writer.WriteField("");
        return _writer.EndRecordAsync(cancellationToken);
    }
}
