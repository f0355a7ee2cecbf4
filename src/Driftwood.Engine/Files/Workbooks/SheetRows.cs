using System.Globalization;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>Reads the rows of a sheet one after the other, and notes what a person should know of it.</summary>
internal sealed class SheetRows(WorkbookFile workbook, SharedTexts texts, PartReader xml)
{
    private const int MaxRows = 1_048_576;
    private const int MaxCells = 16_384;

    private readonly SheetNotes _notes = new();
    private string?[] _cells = new string?[64];
    private int _count;
    private int _next; // the column of a cell that does not say its own

    /// <summary>The number of the current row in the sheet, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The current row's cells; null where there is none.</summary>
    public ReadOnlySpan<string?> Cells => _cells.AsSpan(0, _count);

    /// <summary>Moves to the next row. Returns false at the end.</summary>
    /// <exception cref="UnreadableFileException">The sheet cannot be read.</exception>
    public bool Read()
    {
        while (xml.Read())
        {
            if (!xml.IsElement) continue;
            if (xml.Name == "mergeCell") _notes.AddMerged(xml.Plain("ref"));
            if (xml.Name != "row") continue;
            ReadRow();
            return true;
        }

        return false;
    }

    /// <summary>What was met, once all rows were read.</summary>
    public IReadOnlyList<DetectionNote> Notes() => _notes.ToList();

    private void ReadRow()
    {
        var number = xml.Plain("r") is { } given && int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var stated)
            ? stated : Number + 1;
        if (number <= Number || number > MaxRows) throw WorkbookFault.Broken($"its rows are not in order behind row {Number}.");
        Array.Clear(_cells, 0, _count);
        (Number, _count, _next) = (number, 0, 0);
        if (xml.IsEmpty) return;
        var depth = xml.Depth;
        while (xml.ReadInside(depth))
        {
            if (xml.Name == "c" && xml.Depth == depth + 1) ReadCell();
        }
    }

    private void ReadCell()
    {
        var column = xml.Plain("r") is { } place ? ColumnOf(place) : _next;
        if (column < _next || column >= MaxCells) throw WorkbookFault.Broken($"the cells of row {Number} are not in order.");
        _next = column + 1;
        var (kind, style) = (xml.Plain("t"), xml.Plain("s"));
        if (xml.IsEmpty) return;
        var depth = xml.Depth;
        string? value = null;
        var hasFormula = false;
        while (xml.ReadInside(depth))
        {
            if (xml.Name == "v") value = xml.ReadText();
            else if (xml.Name == "is") value = StoredValue.Unescape(xml.ReadText("t", except: "rPh"));
            else if (xml.Name == "f") hasFormula = true;
        }

        if (hasFormula && string.IsNullOrEmpty(value) && kind != "str") _notes.AddUncalculated(Number);
        if (string.IsNullOrEmpty(value)) return;
        if (column >= FileLimits.MaxColumns)
        {
            throw new UnreadableFileException(
                "too_many_columns", $"Row {Number} has a value in column {column + 1}; at most {FileLimits.MaxColumns} columns are read.");
        }

        if (column >= _cells.Length) Array.Resize(ref _cells, FileLimits.MaxColumns);
        _cells[column] = Text(kind, style, value);
        _count = column + 1;
    }

    private string Text(string? kind, string? style, string value)
    {
        switch (kind)
        {
            case "s":
                return int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                    ? texts[number] : throw WorkbookFault.Broken($"a cell of row {Number} names no text.");
            case "inlineStr":
                return value;
            case "str":
                return StoredValue.Unescape(value);
            case "b":
                return value.Trim() is "1" or "true" ? "TRUE" : "FALSE";
            case "d":
                return StoredValue.IsoDate(value);
            case "e":
                _notes.AddError(Number, value);
                return value;
        }

        var isStyled = int.TryParse(style, out var index) && index >= 0 && index < workbook.Forms.Count;
        var form = isStyled ? workbook.Forms[index] : CellForm.Number;
        return form == CellForm.Number ? StoredValue.Number(value) : StoredValue.Date(value, form, workbook.Is1904);
    }

    // B17 → 1
    private static int ColumnOf(string place)
    {
        var column = 0;
        foreach (var letter in place)
        {
            if (!char.IsAsciiLetter(letter)) break;
            column = (column * 26) + (char.ToUpperInvariant(letter) - 'A' + 1);
            if (column > MaxCells) return MaxCells;
        }

        return column - 1;
    }
}
