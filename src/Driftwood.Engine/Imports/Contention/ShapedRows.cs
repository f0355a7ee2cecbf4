using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>A file's rows with the cells that a <see cref="RowShape"/> adds to each. <see cref="Raw"/> stays that of the file.</summary>
internal sealed class ShapedRows : RowReader
{
    private readonly RowReader _file;
    private readonly RowShape _shape;
    private readonly FileCells _cells;
    private readonly Func<int, string> _texts;
    private readonly Derived[] _derived;

    private ShapedRows(RowReader file, RowShape shape)
    {
        (_file, _shape) = (file, shape);
        _cells = column => file[column];
        _texts = column => shape.TextOf(file[column]);
        _derived = [.. Enumerable.Range(0, shape.DerivedCells).Select(_ => new Derived())];
    }

    /// <summary>The rows in a shape. Owns the file's rows. A shape that adds no cell leaves them as they are.</summary>
    public static RowReader Of(RowReader file, RowShape shape) => shape.AddsCells ? new ShapedRows(file, shape) : file;

    /// <summary>How the current row's cell of a column is written.</summary>
    public static CellFormat FormatOf(RowReader rows, MappedColumn column) =>
        column.Default is not null && rows.IsDefault(column.Index) ? default : column.Cells;

    public override long Position => _file.Position;

    public override int FieldCount => _file.FieldCount;

    public override ReadOnlySpan<byte> Raw => _file.Raw;

    public override ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if (index < _shape.Columns) return _file[index];
            return index < _shape.Columns + _derived.Length ? DerivedAt(index).Text.Written : _shape.ConstantAt(index);
        }
    }

    public override bool IsDefault(int index) => DerivedAt(index).IsDefault;

    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await _file.ReadAsync(cancellationToken)) return false;
        (RowNumber, LineNumber, Fault, Notes) = (_file.RowNumber, _file.LineNumber, _file.Fault, _file.Notes);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var cell in _derived) cell.Text.Dispose();
        await _file.DisposeAsync();
    }

    private Derived DerivedAt(int index)
    {
        var cell = _derived[index - _shape.Columns];
        if (cell.Row == RowNumber) return cell;
        cell.Text.Length = 0;
        cell.IsDefault = _shape.Write(index, _cells, _texts, cell.Text);
        cell.Row = RowNumber;
        return cell;
    }

    /// <summary>A derived cell, and the number of the row that it was made for.</summary>
    private sealed class Derived
    {
        public ByteBuffer Text { get; } = new(256);

        public bool IsDefault { get; set; }

        public long Row { get; set; }
    }
}
