using System.Text;
using System.Text.Unicode;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>A cell of the file's row.</summary>
internal delegate ReadOnlySpan<byte> FileCells(int column);

/// <summary>A column that a derived cell takes text from.</summary>
/// <param name="Index">The place of the column.</param>
/// <param name="IsDate">The field is a date.</param>
/// <param name="Settings">What becomes of the text; null: it stays.</param>
internal sealed record CellSource(int Index, bool IsDate, CellSettings? Settings);

/// <summary>
/// The cells of a row as an import sees them: those of the file, then those that are derived from them, then the constants.
/// </summary>
internal sealed class RowShape(int columns, CellFormat cells)
{
    private readonly List<(CellSource[] Sources, byte[]? Default)> _derived = [];
    private readonly List<byte[]> _constants = [];

    /// <summary>The number of the file's columns.</summary>
    public int Columns => columns;

    /// <summary>The number of derived cells.</summary>
    public int DerivedCells => _derived.Count;

    private static ReadOnlySpan<byte> Separator => ", "u8;

    /// <summary>Adds a cell with the text of one or several columns. Returns its place.</summary>
    /// <param name="sources">The columns.</param>
    /// <param name="byDefault">The text in stored form where all columns are blank; null: there is none.</param>
    public int Derive(CellSource[] sources, byte[]? byDefault)
    {
        _derived.Add((sources, byDefault));
        return columns + _derived.Count - 1;
    }

    /// <summary>Adds a cell that is the same in all rows, after all that are derived. Returns its place.</summary>
    public int AddConstant(byte[] value)
    {
        _constants.Add(value);
        return columns + _derived.Count + _constants.Count - 1;
    }

    /// <summary>A row has more cells than those of the file.</summary>
    public bool AddsCells => _derived.Count + _constants.Count > 0;

    /// <summary>A constant.</summary>
    public ReadOnlySpan<byte> ConstantAt(int index) => _constants[index - columns - _derived.Count];

    /// <summary>Appends the text of a derived cell: its columns', without blank ones, separated by a comma and a blank.</summary>
    /// <param name="index">The place of the cell.</param>
    /// <param name="row">The cells of the file.</param>
    /// <param name="texts">The texts of the file's cells.</param>
    /// <param name="output">Gets the text. It is empty before.</param>
    /// <returns>Whether all columns are blank, and the text is a default in stored form.</returns>
    public bool Write(int index, FileCells row, Func<int, string> texts, ByteBuffer output)
    {
        var (sources, byDefault) = _derived[index - columns];
        foreach (var source in sources)
        {
            var start = output.Length;
            if (start > 0) output.Append(Separator);
            var begin = output.Length;
            Write(source, row, texts, output);
            if (output.Length == begin) output.Length = start;
        }

        if (byDefault is null || !IsBlank(output.Written, sources)) return false;
        output.Length = 0;
        output.Append(byDefault);
        return true;
    }

    /// <summary>The text of a cell of the file.</summary>
    public string TextOf(ReadOnlySpan<byte> cell) =>
        Utf8.IsValid(cell) ? Encoding.UTF8.GetString(CellText.Of(cell, isDate: false, cells)) : "";

    /// <summary>The cell at a place of a row that was split.</summary>
    /// <param name="row">The cells of the file's row. There may be fewer than the file has columns.</param>
    /// <param name="index">The place.</param>
    public ReadOnlySpan<byte> CellOf(byte[][] row, int index)
    {
        if (index < columns) return At(index);
        if (index >= columns + _derived.Count) return ConstantAt(index);
        using ByteBuffer text = new(256);
        Write(index, At, column => TextOf(At(column)), text);
        return text.Written.ToArray();

        ReadOnlySpan<byte> At(int column) => column < row.Length ? row[column] : [];
    }

    // A transform or a value map may give a text that stands for no value. Joined text is read as it is.
    private bool IsBlank(ReadOnlySpan<byte> text, CellSource[] sources) =>
        text.IsEmpty || (sources.Length == 1 && CellText.IsBlank(text, sources[0].IsDate, cells));

    private void Write(CellSource source, FileCells row, Func<int, string> texts, ByteBuffer output)
    {
        var cell = row(source.Index);
        if (source.Settings is { } settings) settings.Write(cell, source.IsDate, cells, texts, output);
        // Bytes that are not text stay, and the reader of the cell refuses them.
        else output.Append(Utf8.IsValid(cell) ? CellText.Of(cell, source.IsDate, cells) : cell);
    }
}
