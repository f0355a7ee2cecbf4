using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>A file's rows with the cells that a <see cref="RowShape"/> adds to each. <see cref="Raw"/> stays that of the file.</summary>
internal sealed class ShapedRows : RowReader
{
    private readonly RowReader _file;
    private readonly RowShape _shape;

    // The text of each joined cell, and the number of the row that it was made for.
    private readonly (ByteBuffer Text, long Row)[] _joined;

    private ShapedRows(RowReader file, RowShape shape)
    {
        (_file, _shape) = (file, shape);
        _joined = [.. Enumerable.Range(0, shape.JoinedCells).Select(_ => (new ByteBuffer(256), 0L))];
    }

    /// <summary>The rows in a shape. Owns the file's rows. A shape that adds no cell leaves them as they are.</summary>
    public static RowReader Of(RowReader file, RowShape shape) => shape.AddsCells ? new ShapedRows(file, shape) : file;

    public override long Position => _file.Position;

    public override int FieldCount => _file.FieldCount;

    public override ReadOnlySpan<byte> Raw => _file.Raw;

    public override ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if (index < _shape.Columns) return _file[index];
            var place = index - _shape.Columns;
            return place < _joined.Length ? Joined(ref _joined[place], index) : _shape.ConstantAt(index);
        }
    }

    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await _file.ReadAsync(cancellationToken)) return false;
        (RowNumber, LineNumber, Fault, Notes) = (_file.RowNumber, _file.LineNumber, _file.Fault, _file.Notes);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var (text, _) in _joined) text.Dispose();
        await _file.DisposeAsync();
    }

    private ReadOnlySpan<byte> Joined(ref (ByteBuffer Text, long Row) cell, int index)
    {
        if (cell.Row == RowNumber) return cell.Text.Written;
        cell.Text.Length = 0;
        foreach (var part in _shape.PartsOf(index)) _shape.Append(_file[part], cell.Text);
        cell.Row = RowNumber;
        return cell.Text.Written;
    }
}
