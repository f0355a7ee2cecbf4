using Driftwood.Engine.Files;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>A file's rows with the cells that a <see cref="RowShape"/> adds to each. <see cref="Raw"/> stays that of the file.</summary>
internal sealed class ShapedRows(RowReader file, RowShape shape) : RowReader
{
    // Of each joined cell: its text, and the row that it was made for.
    private readonly (ByteBuffer Text, long Row)[] _joined = [.. Enumerable.Range(0, shape.JoinedCells).Select(_ => (new ByteBuffer(256), 0L))];

    public override int FieldCount => file.FieldCount;

    public override ReadOnlySpan<byte> Raw => file.Raw;

    public override ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if (index < shape.Columns) return file[index];
            var place = index - shape.Columns;
            return place < _joined.Length ? Joined(ref _joined[place], index) : shape.ConstantAt(index);
        }
    }

    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await file.ReadAsync(cancellationToken)) return false;
        (RowNumber, LineNumber, Fault, Notes) = (file.RowNumber, file.LineNumber, file.Fault, file.Notes);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var (text, _) in _joined) text.Dispose();
        await file.DisposeAsync();
    }

    private ReadOnlySpan<byte> Joined(ref (ByteBuffer Text, long Row) cell, int index)
    {
        if (cell.Row == RowNumber) return cell.Text.Written;
        cell.Text.Length = 0;
        foreach (var part in shape.PartsOf(index)) shape.Append(file[part], cell.Text);
        cell.Row = RowNumber;
        return cell.Text.Written;
    }
}
