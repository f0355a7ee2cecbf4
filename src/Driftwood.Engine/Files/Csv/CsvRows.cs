using System.Runtime.CompilerServices;
using CsvHelper;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Streams;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Reads the records of delimited text. A <c>sep=</c> line and the records above the table are not counted.</summary>
/// <remarks>
/// CsvHelper reads clean text. It alone loses the text after an unclosed quote, and quotes that are not escaped. So
/// <see cref="CarefulText"/> reads the record where CsvHelper finds a fault, and goes on until the text is clean again. Both read clean
/// text alike: the cells do not depend on which of the two reads them.
/// </remarks>
internal sealed class CsvRows : RowReader
{
    // A line of a few bytes can open a quote that a megabyte does not close. A file of such lines would be read a hundred thousand times.
    // The allowance counts by record and not by buffered bytes, so that every reader stops at the same place.
    private const long RereadAllowance = 64L << 20;
    private const long RereadPerByte = 8;

    // A new CsvHelper reader costs about as much as these bytes, so it is worth its cost after them.
    private const int CleanBytes = 1 << 16;

    // CsvHelper reads empty lines one by one. The careful reader passes a run of them at once.
    private const int ManyBlankLines = 1_000;

    private readonly Stream _source;
    private readonly ReplayStream _replay;
    private readonly CsvFormat _format;
    private readonly CarefulText _careful;
    private CsvReader? _fast;
    private long _reread; // bytes that were read and then read again
    private long _fastOffset; // where in the text CsvHelper began
    private long _fastLine; // lines before that
    private bool _isMalformed;
    private long _cleanFrom; // the end of the last record that CsvHelper cannot read
    private long _innerBreaks; // line breaks inside the records so far, in a table of a sheet
    private int _blankLines;
    private bool _isBlank; // the careful reader has come to a line of white space
    private byte[]? _faultRaw;

    private CsvRows(Stream source, CsvFormat format)
    {
        _source = source;
        _format = format;
        _replay = new ReplayStream(source);
        _careful = new CarefulText(_replay, format);
    }

    public override int FieldCount => _faultRaw is not null ? 0 : _fast?.FieldCount ?? _careful.CellCount;

    /// <summary>The current record as it is in the file, in UTF-8, without its line break.</summary>
    public override ReadOnlySpan<byte> Raw => _faultRaw is not null ? _faultRaw : _fast is null ? _careful.Raw : _fast.RawRecord;

    /// <summary>The field's value, unquoted, in UTF-8.</summary>
    public override ReadOnlySpan<byte> this[int index] => _format.IsFailedRows ? FormulaGuard.Remove(Cell(index)) : Cell(index);

    private bool IsAlwaysCareful => _format.Escape == CsvFormat.Backslash || _format.Quote != '"';

    /// <summary>Opens a file. Its first record is the header, if there is one. Owns <paramref name="file"/>.</summary>
    public static async Task<CsvRows> OpenAsync(Stream file, CsvFormat format, CancellationToken cancellationToken)
    {
        var rows = new CsvRows(await Utf8Source.OpenAsync(file, format, cancellationToken), format);
        var skipped = format.SkippedRecords;
        if (format.HasSeparatorLine) skipped++;
        for (; skipped > 0 && await rows._careful.ReadAsync(cancellationToken); skipped--)
        {
        }

        if (!rows.IsAlwaysCareful) rows.ReadFast();
        return rows;
    }

    /// <exception cref="UnreadableFileException">The compressed data is broken or endless, or too many quotes are broken.</exception>
    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _faultRaw = null;
        Fault = null;
        Notes = RowNotes.None;
        while (true)
        {
            // Clean text takes no further asynchronous method, which would cost as much as the reading itself.
            if (_fast is null)
            {
                if (!await ReadCarefullyAsync(cancellationToken)) return false;
                if (_fast is not null || _isBlank) continue;
                RowNumber++;
                return true;
            }

            _isMalformed = false;
            try
            {
                if (!await _fast.ReadAsync(cancellationToken)) return false;
            }
            catch (CsvFormatException tooLarge)
            {
                await StartCarefullyAsync(_fastOffset + tooLarge.ByteOffset, _fastLine + tooLarge.LineNumber);
                continue;
            }

            var start = _replay.KeepFrom = _fastOffset + _fast.ByteOffset;
            LineNumber = _fastLine + _fast.LineNumber;
            if (NeedsCare(_fast, out var isBlank))
            {
                await StartCarefullyAsync(start, LineNumber);
            }
            else if (!isBlank)
            {
                CheckCells(_fast.FieldCount, hasStrayQuotes: false);
                CountInnerBreaks(_fast.RawRecord);
                RowNumber++;
                return true;
            }
        }
    }

    // Inlined: it is called for each row of clean text.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool NeedsCare(CsvReader fast, out bool isBlank)
    {
        isBlank = fast.FieldCount == 1 && Blank.Trim(fast.RawRecord).IsEmpty;
        return _isMalformed || fast.RawRecord.Length > FileLimits.MaxRecordBytes || (isBlank && ++_blankLines % ManyBlankLines == 0);
    }

    /// <summary>Splits the text from the current record on in another way. Only what was read already is looked at.</summary>
    public SplitResult SplitAs(RecordSplitter splitter) =>
        _fast is null ? _careful.SplitAs(splitter) : splitter.Split(_fast.RawRecord, isEnd: true);

    public override async ValueTask DisposeAsync()
    {
        if (_fast is not null) await _fast.DisposeAsync();
        _careful.Dispose();
        await _replay.DisposeAsync();
        await _source.DisposeAsync();
    }

    private ReadOnlySpan<byte> Cell(int index) => _fast is null ? _careful.Cell(index) : _fast.GetSpan(index);

    private async ValueTask StartCarefullyAsync(long offset, long line)
    {
        await _fast!.DisposeAsync();
        _fast = null;
        _careful.Start(offset, line);
        _cleanFrom = offset;
    }

    // Reads a record, or hands the text back to CsvHelper. Returns false at the end.
    private async ValueTask<bool> ReadCarefullyAsync(CancellationToken cancellationToken)
    {
        if (!IsAlwaysCareful && _careful.Offset - _cleanFrom >= CleanBytes)
        {
            ReadFast();
            return true;
        }

        await _careful.SkipEmptyLinesAsync(cancellationToken);
        if (!await _careful.ReadAsync(cancellationToken)) return false;
        LineNumber = _careful.LineNumber;
        CheckRereading();
        _isBlank = _careful.CellCount == 1 && Blank.Trim(_careful.Raw).IsEmpty;
        if (_isBlank) return true;
        if (_careful.Fault is { } fault)
        {
            (Fault, _faultRaw) = (fault, _careful.Raw.ToArray());
        }
        else
        {
            Notes = _careful.Notes;
            CheckCells(_careful.CellCount, _careful.HasStrayQuotes);
            CountInnerBreaks(_careful.Raw);
        }

        if (Fault is not null || Notes != RowNotes.None || _careful.HasStrayQuotes) _cleanFrom = _careful.Offset;
        return true;
    }

    // The lines of a sheet are its rows, whatever line breaks its cells have.
    private void CountInnerBreaks(ReadOnlySpan<byte> record)
    {
        if (_format.Origin is null) return;
        LineNumber -= _innerBreaks;
        _innerBreaks += CarefulText.LineBreaks(record);
    }

    private void CheckRereading()
    {
        _reread += _careful.Reread;
        if (_reread <= RereadAllowance + (RereadPerByte * _careful.Offset)) return;
        throw new UnreadableFileException("broken_quotes", FormattableString.Invariant(
            $"Quotes are broken over and over up to line {LineNumber}: the file is not delimited text, or another delimiter is meant."));
    }

    // Blank cells beyond the columns also count, unless the whole file has them: a row that an unquoted comma shifts ends with an empty
    // cell when its last cell is blank. A record of one cell in a wider table is a title or a footer.
    private void CheckCells(int count, bool hasStrayQuotes)
    {
        if (_format.ColumnCount == 0 || count == _format.ColumnCount) return;
        // A sheet's rows end with their last value.
        if (_format.Origin is not null && count < _format.ColumnCount && _format.RaggedRows == RaggedRows.Pad) return;
        if (count < _format.ColumnCount && count > 1 && _format.RaggedRows == RaggedRows.Pad && !hasStrayQuotes)
        {
            Notes |= RowNotes.MissingCells;
            return;
        }

        if (count > _format.ColumnCount && _format.DropsSurplusBlanks && !hasStrayQuotes && AreBlankBeyond(count))
        {
            Notes |= RowNotes.SurplusBlankCells;
            return;
        }

        Fault = new Fault("wrong_column_count", FormattableString.Invariant(
            $"Has {count} {(count == 1 ? "cell" : "cells")} where the header has {_format.ColumnCount}."));
    }

    private bool AreBlankBeyond(int count)
    {
        for (var i = _format.ColumnCount; i < count; i++)
        {
            if (!Blank.Trim(Cell(i)).IsEmpty) return false;
        }

        return true;
    }

    // Hands the rest of the text to CsvHelper, from the place that the careful reader has come to.
    private void ReadFast()
    {
        (_fastOffset, _fastLine) = (_careful.Offset, _careful.NextLine - 1);
        _careful.Stop();
        _replay.ReturnTo(_fastOffset);
        _replay.KeepFrom = _fastOffset;
        _fast = CsvReader.Create(
            _replay,
            new CsvReaderOptions
            {
                Separator = _format.Delimiter,
                HasHeader = false,
                Encoding = null,
                BufferSize = 1 << 16,
                MaxRecordSize = FileLimits.MaxRecordBytes,
                TrackLineNumbers = true,
                // CsvHelper would hold a run of empty lines in memory until its end.
                SkipEmptyLines = false,
                MalformedData = CsvMalformedDataHandling.Recover,
                FieldCountMismatch = CsvFieldCountHandling.Allow,
                OnMalformedRecord = _ => _isMalformed = true,
                IncludeValuesInExceptions = false,
            },
            leaveOpen: true);
    }
}
