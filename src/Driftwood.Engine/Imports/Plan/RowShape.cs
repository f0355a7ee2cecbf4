using System.Text.Unicode;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>
/// The cells of a row as an import sees them: those of the file, then one for each field that several columns fill, then the constants.
/// </summary>
internal sealed class RowShape(int columns, CellFormat cells)
{
    private readonly List<int[]> _joined = [];
    private readonly List<byte[]> _constants = [];

    /// <summary>The number of the file's columns.</summary>
    public int Columns => columns;

    /// <summary>The number of cells that are joined from several of the file.</summary>
    public int JoinedCells => _joined.Count;

    private static ReadOnlySpan<byte> Separator => ", "u8;

    /// <summary>Adds a cell with the text of several columns. Returns its place.</summary>
    public int Join(int[] parts)
    {
        _joined.Add(parts);
        return columns + _joined.Count - 1;
    }

    /// <summary>Adds a cell that is the same in all rows, after all that are joined. Returns its place.</summary>
    public int AddConstant(byte[] value)
    {
        _constants.Add(value);
        return columns + _joined.Count + _constants.Count - 1;
    }

    /// <summary>A row has more cells than those of the file.</summary>
    public bool AddsCells => _joined.Count + _constants.Count > 0;

    /// <summary>The cells of the file that a joined cell has, in its order.</summary>
    public ReadOnlySpan<int> PartsOf(int index) => _joined[index - columns];

    /// <summary>A constant.</summary>
    public ReadOnlySpan<byte> ConstantAt(int index) => _constants[index - columns - _joined.Count];

    /// <summary>Appends a part to a joined cell: its text, unless it is blank.</summary>
    public void Append(ReadOnlySpan<byte> part, ByteBuffer joined)
    {
        if (CellText.IsBlank(part, isDate: false, cells)) return;
        if (joined.Length > 0) joined.Append(Separator);
        // Bytes that are not text stay, and the reader of the cell refuses them.
        joined.Append(Utf8.IsValid(part) ? CellText.Of(part, isDate: false, cells) : part);
    }

    /// <summary>The cell at a place of a row that was split.</summary>
    /// <param name="row">The cells of the file's row. There may be fewer than the file has columns.</param>
    /// <param name="index">The place.</param>
    public ReadOnlySpan<byte> CellOf(byte[][] row, int index)
    {
        if (index < columns) return index < row.Length ? row[index] : [];
        if (index >= columns + _joined.Count) return ConstantAt(index);
        using ByteBuffer joined = new(256);
        foreach (var part in PartsOf(index))
        {
            if (part < row.Length) Append(row[part], joined);
        }

        return joined.Written.ToArray();
    }
}
