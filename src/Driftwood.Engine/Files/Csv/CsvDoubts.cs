namespace Driftwood.Engine.Files.Csv;

/// <summary>Finds out whether backslashes escape quotes, and whether blank cells beyond the columns belong to the file's form.</summary>
internal sealed class CsvDoubts : FormatDoubts
{
    /// <summary>Share of the rows that must have blank cells beyond the columns, those left out that say nothing.</summary>
    private const double MostRows = 0.9;

    private readonly CsvFormat _format;
    private readonly CsvFormat _escaped;
    private readonly RecordSplitter? _asEscaped;

    private long _withSurplus;
    private long _withoutSurplus;
    private long _betterEscaped;
    private long _worseEscaped;

    public CsvDoubts(CsvFormat format, FileOverrides overrides)
    {
        _format = format;
        _escaped = format with { Escape = CsvFormat.Backslash };
        if (overrides.Escape is null && format.Escape != CsvFormat.Backslash) _asEscaped = new RecordSplitter(_escaped);
    }

    public override void Add(RowReader rows)
    {
        CountSurplus(rows);
        if (_asEscaped is not null && rows.Raw.Contains((byte)'\\')) TryEscaped(rows, _asEscaped);
    }

    public override FileFormat? Better()
    {
        var better = _betterEscaped > _worseEscaped ? _escaped : _format;
        // One odd row is no habit. It looks like a row that an unquoted comma shifts.
        if (!_format.DropsSurplusBlanks && _withSurplus > 1 && _withSurplus >= MostRows * (_withSurplus + _withoutSurplus))
        {
            better = better with { DropsSurplusBlanks = true };
        }

        return better == _format ? null : better;
    }

    // Where every line ends with a delimiter, a row that is short by one cell ends with a blank cell of a column, and says nothing.
    private void CountSurplus(RowReader rows)
    {
        if (rows.FieldCount == 0) return;
        if (!IsBlank(rows[rows.FieldCount - 1])) _withoutSurplus++;
        else if (rows.FieldCount > _format.ColumnCount && IsBlankBeyond(rows)) _withSurplus++;
    }

    private bool IsBlankBeyond(RowReader rows)
    {
        for (var i = _format.ColumnCount; i < rows.FieldCount; i++)
        {
            if (!IsBlank(rows[i])) return false;
        }

        return true;
    }

    private static bool IsBlank(ReadOnlySpan<byte> cell) => Records.Text.Blank.Trim(cell).IsEmpty;

    private bool Fits(int cells) => cells == _format.ColumnCount
        || (_format.RaggedRows == RaggedRows.Pad && cells > 1 && cells < _format.ColumnCount);

    private void TryEscaped(RowReader rows, RecordSplitter splitter)
    {
        var isClean = rows.Fault is null && !rows.Notes.HasFlag(RowNotes.StrayQuotes);
        if (isClean)
        {
            var isSame = splitter.Split(rows.Raw, isEnd: true) == SplitResult.Record && splitter.Next == rows.Raw.Length
                && !splitter.HasStrayQuotes && splitter.CellCount == rows.FieldCount;
            if (!isSame) _worseEscaped++;
        }
        else if (((CsvRows)rows).SplitAs(splitter) == SplitResult.Record
            && !splitter.HasStrayQuotes && splitter.Notes.HasFlag(RowNotes.Escapes) && Fits(splitter.CellCount))
        {
            _betterEscaped++;
        }
    }
}
