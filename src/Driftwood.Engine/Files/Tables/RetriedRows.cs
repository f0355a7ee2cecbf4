using System.Globalization;
using System.Text;
using CsvHelper;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files.Tables;

/// <summary>
/// Reads failed rows of an import that Driftwood has stored to try them again. Each record begins with four cells of our own: the row and
/// line that it has in the first file, and the code and message of its fault if its cells are not known. The cells of that file follow.
/// </summary>
/// <param name="records">The records. Owned.</param>
internal sealed class RetriedRows(RowReader records) : RowReader
{
    private const int OwnCells = 4;

    private long _position;
    private int _cells;
    private int _rawStart;

    /// <inheritdoc/>
    public override long Position => _position;

    public override int FieldCount => _cells;

    public override ReadOnlySpan<byte> Raw => _cells == 0 ? records[OwnCells] : records.Raw[_rawStart..];

    public override ReadOnlySpan<byte> this[int index] => records[OwnCells + index];

    /// <summary>Writes the cells of our own.</summary>
    /// <param name="csv">The table. It has no header.</param>
    /// <param name="number">The row's number in the first file.</param>
    /// <param name="line">Its line there.</param>
    /// <param name="fault">Why it fails again; null if it is tried.</param>
    public static void WriteOwn(CsvWriter csv, long number, long line, Fault? fault)
    {
        csv.WriteField(number.ToString(CultureInfo.InvariantCulture));
        csv.WriteField(line.ToString(CultureInfo.InvariantCulture));
        csv.WriteField(fault?.Code ?? "");
        csv.WriteField(fault?.Message ?? "");
    }

    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await records.ReadAsync(cancellationToken)) return false;
        if (records.Fault is { } broken)
        {
            throw new UnreadableFileException(
                "broken_quotes", $"Record {records.RowNumber} of the stored rows cannot be read: {broken.Message}");
        }

        _position++;
        RowNumber = long.Parse(records[0], CultureInfo.InvariantCulture);
        LineNumber = long.Parse(records[1], CultureInfo.InvariantCulture);
        var code = Encoding.UTF8.GetString(records[2]);
        Fault = code.Length == 0 ? null : new Fault(code, Encoding.UTF8.GetString(records[3]));
        _cells = FileFormat.HasCells(code) ? records.FieldCount - OwnCells : 0;
        _rawStart = StartOfCells(records.Raw);
        return true;
    }

    public override ValueTask DisposeAsync() => records.DisposeAsync();

    /// <summary>Writes the cells of our own as they were read.</summary>
    public void WriteOwn(CsvWriter csv) => WriteOwn(csv, RowNumber, LineNumber, Fault);

    private static int StartOfCells(ReadOnlySpan<byte> record)
    {
        var (commas, isQuoted) = (0, false);
        for (var i = 0; i < record.Length; i++)
        {
            if (record[i] == '"') isQuoted = !isQuoted;
            else if (record[i] == ',' && !isQuoted && ++commas == OwnCells) return i + 1;
        }

        return record.Length;
    }
}
