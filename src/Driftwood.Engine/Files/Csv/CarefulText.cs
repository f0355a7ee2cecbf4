using System.Buffers;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files.Csv;

/// <summary>
/// Reads text record by record with <see cref="RecordSplitter"/>, blank lines too. A record that cannot be read, or that is larger than
/// <see cref="FileLimits.MaxRecordBytes"/>, costs its first line only.
/// </summary>
internal sealed class CarefulText(ReplayStream source, CsvFormat format) : IDisposable
{
    private readonly RecordSplitter _splitter = new(format);
    private byte[] _text = [];
    private int _from; // the next record's first byte in the window
    private int _to;
    private int _record; // the current record's first byte in the window
    private long _windowOffset;
    private bool _isEnd;
    private byte[]? _faultRaw;

    /// <summary>Where the next record begins, in bytes of the text.</summary>
    public long Offset => _windowOffset + _from;

    /// <summary>The physical line on which the next record begins, from 1.</summary>
    public long NextLine { get; private set; } = 1;

    /// <summary>The physical line of the current record.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Why the current record cannot be read.</summary>
    public Fault? Fault { get; private set; }

    /// <summary>The number of cells of the current record.</summary>
    public int CellCount => _faultRaw is null ? _splitter.CellCount : 0;

    /// <summary>What is unusual about the current record.</summary>
    public RowNotes Notes => _splitter.Notes;

    /// <inheritdoc cref="RecordSplitter.HasStrayQuotes"/>
    public bool HasStrayQuotes => _splitter.HasStrayQuotes;

    /// <summary>Bytes beyond the current record that were looked at in vain.</summary>
    public long Reread { get; private set; }

    /// <summary>The current record without its line break; at most <see cref="FileLimits.MaxRawBytes"/> if it cannot be read.</summary>
    public ReadOnlySpan<byte> Raw => _faultRaw is not null ? _faultRaw : _text.AsSpan(_record, _splitter.Length);

    /// <summary>The value of a cell of the current record.</summary>
    public ReadOnlySpan<byte> Cell(int index) =>
        _faultRaw is null ? _splitter.Value(_text.AsSpan(_record, _splitter.Length), index) : default;

    /// <inheritdoc cref="CsvRows.SplitAs"/>
    public SplitResult SplitAs(RecordSplitter splitter) => splitter.Split(_text.AsSpan(_record, _to - _record), _isEnd);

    /// <summary>Begins to read at a place that the source still keeps.</summary>
    public void Start(long offset, long line)
    {
        source.ReturnTo(offset);
        (_windowOffset, _from, _to, _isEnd) = (offset, 0, 0, false);
        NextLine = line;
    }

    /// <summary>Ends the reading at <see cref="Offset"/>, from where another reader goes on.</summary>
    public void Stop() => Dispose();

    /// <summary>Moves past empty lines, at the speed of a search.</summary>
    public async ValueTask SkipEmptyLinesAsync(CancellationToken cancellationToken)
    {
        while (_from < _to || await FillAsync(1, cancellationToken))
        {
            var text = _text.AsSpan(_from, _to - _from);
            var length = text.IndexOfAnyExcept((byte)'\r', (byte)'\n');
            // A line break at the end of the window may go on behind it.
            if (length < 0) length = _isEnd || text[^1] != '\r' ? text.Length : text.Length - 1;
            if (length == 0) return;
            NextLine += LineBreaks(text[..length]);
            _from += length;
            source.KeepFrom = Offset;
        }
    }

    /// <summary>Moves to the next record. Returns false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        (Fault, _faultRaw, Reread) = (null, null, 0);
        LineNumber = NextLine;
        source.KeepFrom = Offset;
        if (_from == _to && !await FillAsync(1, cancellationToken)) return false;
        while (true)
        {
            var length = _to - _from;
            var result = _splitter.Split(_text.AsSpan(_from, length), _isEnd);
            // A record that is not known at the limit is broken or too large. Only its first line counts then.
            if (result == SplitResult.Incomplete ? length > FileLimits.MaxRecordBytes : _splitter.Length > FileLimits.MaxRecordBytes)
            {
                result = _splitter.SplitLine(_text.AsSpan(_from, length), _isEnd);
                if (result == SplitResult.Incomplete || _splitter.Length > FileLimits.MaxRecordBytes)
                {
                    await PassLongLineAsync(cancellationToken);
                    return true;
                }
            }

            if (result == SplitResult.Incomplete)
            {
                await FillAsync(Math.Max(length, 1), cancellationToken);
                continue;
            }

            Pass(result);
            return true;
        }
    }

    public void Dispose()
    {
        if (_text.Length > 0) ArrayPool<byte>.Shared.Return(_text);
        _text = [];
        _windowOffset += _from;
        (_from, _to, _record) = (0, 0, 0);
    }

    private void Pass(SplitResult result)
    {
        var text = _text.AsSpan(_from, _splitter.Next);
        _record = _from;
        Reread = Math.Max(0, Math.Min(_splitter.Scanned, FileLimits.MaxRecordBytes) - _splitter.Next);
        if (result == SplitResult.Unclosed)
        {
            var raw = text[.._splitter.Length];
            FailLine(raw[..Math.Min(raw.Length, FileLimits.MaxRawBytes)], new Fault("unclosed_quote", FormattableString.Invariant(
                $"A quote that opens on line {LineNumber} is not closed as it should be;")
                + " this line was left out and reading went on with the next."));
        }

        NextLine += LineBreaks(text);
        _from += _splitter.Next;
    }

    private void FailLine(ReadOnlySpan<byte> raw, Fault fault) => (Fault, _faultRaw) = (fault, raw.ToArray());

    // The window never holds more of the line than was read of it already.
    private async ValueTask PassLongLineAsync(CancellationToken cancellationToken)
    {
        Reread = 0;
        _record = _from;
        FailLine(
            _text.AsSpan(_from, FileLimits.MaxRawBytes),
            new Fault("record_too_large", FormattableString.Invariant($"Larger than {FileLimits.MaxRecordBytes} bytes.")));
        while (true)
        {
            var end = _text.AsSpan(_from, _to - _from).IndexOfAny((byte)'\r', (byte)'\n');
            if (end >= 0)
            {
                _from += end;
                break;
            }

            _from = _to;
            source.KeepFrom = Offset;
            if (!await FillAsync(1, cancellationToken)) return;
        }

        if (_text[_from++] == '\r' && (_from < _to || await FillAsync(1, cancellationToken)) && _text[_from] == '\n') _from++;
        NextLine++;
    }

    /// <summary>The number of line breaks in a text.</summary>
    internal static int LineBreaks(ReadOnlySpan<byte> text) =>
        text.Count((byte)'\n') + (text.Contains((byte)'\r') ? text.Count((byte)'\r') - text.Count("\r\n"u8) : 0);

    /// <summary>Reads at least some bytes behind those in the window, unless the text ends. Returns false if there are none.</summary>
    private async ValueTask<bool> FillAsync(int atLeast, CancellationToken cancellationToken)
    {
        if (_isEnd) return false;
        MakeRoom(atLeast);
        var before = _to;
        while (_to - before < atLeast)
        {
            var read = await source.ReadAsync(_text.AsMemory(_to), cancellationToken);
            if (read == 0)
            {
                _isEnd = true;
                break;
            }

            _to += read;
        }

        return _to > before;
    }

    private void MakeRoom(int wanted)
    {
        if (_text.Length - _to >= wanted) return;
        var kept = _to - _from;
        var target = _text;
        if (_text.Length - kept < wanted)
        {
            // The first window is small: most broken lines are few.
            target = ArrayPool<byte>.Shared.Rent(Math.Max(4096, kept + Math.Max(wanted, kept)));
        }

        Buffer.BlockCopy(_text, _from, target, 0, kept);
        if (target != _text && _text.Length > 0) ArrayPool<byte>.Shared.Return(_text);
        _text = target;
        _windowOffset += _from;
        (_from, _to, _record) = (0, kept, 0);
    }
}
