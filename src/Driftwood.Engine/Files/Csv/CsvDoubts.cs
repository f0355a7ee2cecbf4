namespace Driftwood.Engine.Files.Csv;

/// <summary>Finds out whether backslashes escape quotes, and whether blank cells beyond the columns belong to the file's form.</summary>
internal sealed class CsvDoubts : FormatDoubts
{
    /// <summary>Share of the counted rows that must have blank cells beyond the columns.</summary>
    private const double MostRows = 0.9;

    private readonly CsvFormat _format;
    private readonly CsvFormat _escaped;
    private readonly RecordSplitter? _asEscaped;

    private long _withSurplus;
    private long _withoutSurplus;
    private long _betterEscaped;
    private long _worseEscaped;
    private long _withDoubled;
    private long _withSingle;

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
        // Without any other sign, backslashes are escaped if all of them are doubled, and not only at the beginning of a network path.
        var areDoubled = _withDoubled > 0 && _withSingle == 0 && _worseEscaped == 0;
        var better = areDoubled || _betterEscaped > _worseEscaped ? _escaped : _format;
        // One odd row is no habit. It looks like a row that an unquoted comma shifts.
        if (!_format.DropsSurplusBlanks && _withSurplus > 1 && _withSurplus >= MostRows * (_withSurplus + _withoutSurplus))
        {
            better = better with { DropsSurplusBlanks = true };
        }

        return better == _format ? null : better;
    }

    // Counts rows that end with a blank cell beyond the columns, and rows that end with a value. A row that ends with a blank cell of a
    // column is not counted: in a file with a delimiter at the end of each line, it may be a row that lacks one cell.
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

    // Looks at each run of backslashes. \N alone in a cell is MySQL's null, which is not escaped.
    private void CountDoubled(ReadOnlySpan<byte> record)
    {
        var (hasDoubled, hasSingle) = (false, false);
        for (var at = record.IndexOf((byte)'\\'); at < record.Length; at++)
        {
            if (record[at] != '\\') continue;
            var length = record[at..].IndexOfAnyExcept((byte)'\\');
            if (length < 0) length = record.Length - at;
            if (length % 2 == 0) hasDoubled |= at > 0 && IsInsideCell(record[at - 1]);
            else hasSingle |= !(length == 1 && IsNull(record, at));
            at += length - 1;
        }

        if (hasSingle) _withSingle++;
        else if (hasDoubled) _withDoubled++;
    }

    private bool IsInsideCell(byte before) =>
        before != _format.Delimiter && before != _format.Quote && before is not ((byte)' ' or (byte)'\t');

    private bool IsNull(ReadOnlySpan<byte> record, int at) =>
        (at == 0 || record[at - 1] == _format.Delimiter) && at + 1 < record.Length && record[at + 1] == 'N'
        && (at + 2 == record.Length || record[at + 2] == _format.Delimiter);

    private bool HasEscapedQuote(ReadOnlySpan<byte> record) => record.IndexOf([(byte)'\\', (byte)_format.Quote]) >= 0;

    // A backslash that escapes nothing, as in C:\temp. Where a backslash escapes a delimiter, it would be doubled.
    private bool HasBare(ReadOnlySpan<byte> record)
    {
        for (var at = record.IndexOf((byte)'\\'); at >= 0 && at < record.Length; at++)
        {
            if (record[at] != '\\') continue;
            var start = at;
            while (at < record.Length && record[at] == '\\') at++;
            var isBare = (at - start) % 2 != 0 && at < record.Length && char.IsAsciiLetterOrDigit((char)record[at]);
            if (isBare && !IsNull(record, start)) return true;
        }

        return false;
    }

    private void TryEscaped(RowReader rows, RecordSplitter splitter)
    {
        var isClean = rows.Fault is null && !rows.Notes.HasFlag(RowNotes.StrayQuotes);
        if (isClean)
        {
            var isSame = splitter.Split(rows.Raw, isEnd: true) == SplitResult.Record && splitter.Next == rows.Raw.Length
                && !splitter.HasStrayQuotes && splitter.CellCount == rows.FieldCount;
            if (!isSame) _worseEscaped++;
            else CountDoubled(rows.Raw);
        }
        else if (((CsvRows)rows).SplitAs(splitter) == SplitResult.Record
            && !splitter.HasStrayQuotes && splitter.Notes.HasFlag(RowNotes.Escapes) && Fits(splitter.CellCount)
            && (HasEscapedQuote(rows.Raw) || !HasBare(rows.Raw)))
        {
            _betterEscaped++;
        }
    }
}
