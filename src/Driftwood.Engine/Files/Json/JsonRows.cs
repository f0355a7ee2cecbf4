using System.Buffers.Text;
using System.Text;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files.Json;

/// <summary>
/// Reads the rows of a table that was made of a JSON file. The first cell of each is the line in the file on which the object begins. For a
/// record that is no row, the code of its fault follows the line, and the message and the record are the only other cells.
/// </summary>
internal sealed class JsonRows(RowReader table) : RowReader
{
    /// <summary>The cell that has the text of a record that is no row.</summary>
    public const int TextCell = 2;

    private const int MessageCell = 1;

    public override int FieldCount => Fault is null ? Math.Max(1, table.FieldCount - 1) : 1;

    public override ReadOnlySpan<byte> Raw => table.Raw;

    public override ReadOnlySpan<byte> this[int index] =>
        Fault is null ? table[index + 1] : index == 0 ? table[TextCell] : default;

    /// <summary>The first cell of a record that is no row.</summary>
    public static string FaultOf(long line, string code) => FormattableString.Invariant($"{line} {code}");

    /// <summary>Whether a first cell is that of a record that is no row.</summary>
    public static bool IsFault(ReadOnlySpan<byte> first) => first.Contains((byte)' ');

    public override ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var reading = table.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<bool>(Take(reading.Result)) : WaitAsync(reading);
    }

    public override ValueTask DisposeAsync() => table.DisposeAsync();

    private async ValueTask<bool> WaitAsync(ValueTask<bool> reading) => Take(await reading);

    private bool Take(bool isRow)
    {
        if (!isRow) return false;
        RowNumber++;
        Fault = null;
        var first = table[0];
        if (!Utf8Parser.TryParse(first, out long line, out var used))
            throw new UnreadableFileException("broken_json", "The table that was made of the file is broken.");
        LineNumber = line;
        if (used < first.Length)
            Fault = new Fault(Encoding.UTF8.GetString(first[(used + 1)..]), Encoding.UTF8.GetString(table[MessageCell]));
        return true;
    }
}
