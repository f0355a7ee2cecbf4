using CsvHelper;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Reads the records of delimited text. A <c>sep=</c> line is not counted.</summary>
/// <remarks>
/// CsvHelper alone loses the text after an unclosed quote. Here a malformed record of several lines loses only its first line:
/// reading restarts on the next one.
/// </remarks>
internal sealed class CsvRows : RowReader
{
    // A line of a few bytes can open a quote that a megabyte does not close. A file of such lines would be read a hundred thousand times.
    // The allowance counts by record and not by buffered bytes, so that every reader stops at the same place.
    private const long RereadAllowance = 256L << 20;
    private const long RereadPerByte = 8;

    private readonly Stream _source;
    private readonly ReplayStream _replay;
    private readonly CsvFormat _format;
    private CsvReader _reader;
    private long _reread; // bytes of broken records, each to be read once more after its first line
    private long _readerOffset; // where in the text the current reader began
    private long _readerLine; // lines before that
    private CsvMalformedReason? _malformed;
    private byte[]? _faultRaw;

    private CsvRows(Stream source, CsvFormat format)
    {
        _source = source;
        _format = format;
        _replay = new ReplayStream(source);
        _reader = CreateReader(1 << 16);
    }

    public override int FieldCount => _faultRaw is null ? _reader.FieldCount : 0;

    /// <summary>The current record as it is in the file, in UTF-8, without its line break.</summary>
    public override ReadOnlySpan<byte> Raw => _faultRaw ?? _reader.RawRecord;

    /// <summary>The field's value, unquoted, in UTF-8.</summary>
    public override ReadOnlySpan<byte> this[int index] =>
        _format.IsFailedRows ? FormulaGuard.Remove(_reader.GetSpan(index)) : _reader.GetSpan(index);

    /// <summary>Opens a file. Its first record is the header, if there is one. Owns <paramref name="file"/>.</summary>
    public static async Task<CsvRows> OpenAsync(Stream file, CsvFormat format, CancellationToken cancellationToken)
    {
        var rows = new CsvRows(await Utf8Source.OpenAsync(file, format, cancellationToken), format);
        if (format.HasSeparatorLine) await rows.RestartAfterLineAsync(0, 0, null, cancellationToken);
        return rows;
    }

    /// <exception cref="UnreadableFileException">The compressed data is broken or endless, or too many quotes are broken.</exception>
    public override async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _malformed = null;
            _faultRaw = null;
            Fault = null;
            bool found;
            try
            {
                found = await _reader.ReadAsync(cancellationToken);
            }
            catch (CsvFormatException tooLarge)
            {
                await FailAsync(
                    _readerOffset + tooLarge.ByteOffset, _readerLine + tooLarge.LineNumber, FileLimits.MaxRecordBytes, cancellationToken);
                RowNumber++;
                return true;
            }
            if (!found) return false;
            var start = _readerOffset + _reader.ByteOffset;
            _replay.KeepFrom = start;
            LineNumber = _readerLine + _reader.LineNumber;
            var raw = _reader.RawRecord;
            if (raw.Length > FileLimits.MaxRecordBytes || (_malformed is { } reason && SpansLines(raw, reason)))
            {
                await FailAsync(start, LineNumber, Math.Min(raw.Length, FileLimits.MaxRecordBytes), cancellationToken);
            }
            else if (_reader.FieldCount == 1 && Blank.Trim(raw).IsEmpty)
            {
                continue;
            }
            else
            {
                CheckColumnCount();
            }

            RowNumber++;
            return true;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _replay.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static bool SpansLines(ReadOnlySpan<byte> raw, CsvMalformedReason reason) =>
        reason == CsvMalformedReason.UnterminatedQuote || raw.IndexOfAny((byte)'\r', (byte)'\n') >= 0;

    // Extra empty fields also count: a row that an unquoted comma shifts ends with an empty field when its last cell is blank.
    private void CheckColumnCount()
    {
        if (_format.ColumnCount == 0 || _reader.FieldCount == _format.ColumnCount) return;
        Fault = new Fault("wrong_column_count", FormattableString.Invariant(
            $"Has {_reader.FieldCount} columns where the header has {_format.ColumnCount}."));
    }

    /// <summary>
    /// Fails the record at an offset as an unclosed quote or as too large, and continues after its first line.
    /// </summary>
    private async ValueTask FailAsync(long start, long line, int scanned, CancellationToken cancellationToken)
    {
        LineNumber = line;
        _reread += scanned;
        if (_reread > RereadAllowance + (RereadPerByte * start))
        {
            throw new UnreadableFileException("broken_quotes", FormattableString.Invariant(
                $"Quotes are broken over and over up to line {line}: the file is not delimited text, or another delimiter is meant."));
        }

        var raw = new MemoryStream();
        var length = await RestartAfterLineAsync(start, line - 1, raw, cancellationToken);
        _faultRaw = raw.ToArray();
        Fault = length > FileLimits.MaxRecordBytes
            ? new Fault("record_too_large", FormattableString.Invariant($"Larger than {FileLimits.MaxRecordBytes} bytes."))
            : new Fault("unclosed_quote", FormattableString.Invariant($"A quote that opens on line {line} is not closed as it should be;")
                + " this line was left out and reading went on with the next.");
    }

    /// <summary>
    /// Starts a new reader after the line at an offset. The stored part of the line's bytes goes to <paramref name="raw"/>.
    /// </summary>
    /// <returns>The line's length in bytes, without its break.</returns>
    private async ValueTask<long> RestartAfterLineAsync(
        long start, long linesBefore, MemoryStream? raw, CancellationToken cancellationToken)
    {
        _replay.ReturnTo(start);
        var block = new byte[4096];
        var length = 0L;
        var next = start;
        while (true)
        {
            _replay.KeepFrom = next;
            var read = await _replay.ReadAsync(block, cancellationToken);
            if (read == 0) break;
            var end = block.AsSpan(0, read).IndexOfAny((byte)'\r', (byte)'\n');
            var taken = end < 0 ? read : end;
            length += taken;
            next += taken;
            if (raw is { Length: < FileLimits.MaxRawBytes })
            {
                raw.Write(block, 0, (int)Math.Min(taken, FileLimits.MaxRawBytes - raw.Length));
            }

            if (end < 0) continue;
            _replay.ReturnTo(next);
            next += await LineBreakLengthAsync(block, cancellationToken);
            break;
        }

        _replay.ReturnTo(Math.Min(next, _replay.Offset));
        _replay.KeepFrom = next;
        _readerOffset = next;
        _readerLine = linesBefore + 1;
        await _reader.DisposeAsync();
        _reader = CreateReader(1 << 14);
        return length;
    }

    private async ValueTask<int> LineBreakLengthAsync(byte[] block, CancellationToken cancellationToken)
    {
        var read = await _replay.ReadAtLeastAsync(block.AsMemory(0, 2), 2, throwOnEndOfStream: false, cancellationToken);
        return read == 2 && block[0] == '\r' && block[1] == '\n' ? 2 : 1;
    }

    private CsvReader CreateReader(int bufferSize) => CsvReader.Create(
        _replay,
        new CsvReaderOptions
        {
            Separator = _format.Delimiter,
            HasHeader = false,
            Encoding = null,
            BufferSize = bufferSize,
            MaxRecordSize = FileLimits.MaxRecordBytes,
            TrackLineNumbers = true,
            SkipEmptyLines = true,
            MalformedData = CsvMalformedDataHandling.Recover,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            OnMalformedRecord = record => _malformed ??= record.Reason,
            IncludeValuesInExceptions = false,
        },
        leaveOpen: true);
}
