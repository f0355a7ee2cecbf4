namespace Driftwood.Engine.Files.Json;

/// <summary>Finds the records of JSON text one after the other, without reading what is in them. Owns the text, which is UTF-8.</summary>
internal abstract class JsonRecords(Stream text) : IAsyncDisposable
{
    private const int ReadBytes = 1 << 16;

    private byte[] _buffer = new byte[2 * ReadBytes];
    private int _from; // where the record begins
    private int _at; // where the search goes on
    private int _to;
    private bool _isEnd;
    private byte[]? _head; // the beginning of a record that is too large

    /// <summary>White space of JSON.</summary>
    protected static ReadOnlySpan<byte> White => " \t\r\n"u8;

    /// <summary>The line on which the current record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The current record, valid until the next reading; only its beginning if it is too large.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>The current record has more bytes than are read.</summary>
    public bool IsTooLarge => _head is not null;

    /// <summary>The line of the place to which the search has come.</summary>
    protected long Here { get; set; } = 1;

    /// <summary>What was read and not searched.</summary>
    protected ReadOnlySpan<byte> Rest => _buffer.AsSpan(_at, _to - _at);

    /// <summary>Moves to the next record. Returns false at the end.</summary>
    /// <exception cref="UnreadableFileException">The records cannot be told apart.</exception>
    public abstract ValueTask<bool> ReadAsync(CancellationToken cancellationToken);

    public ValueTask DisposeAsync() => text.DisposeAsync();

    /// <summary>Begins a record at the place to which the search has come.</summary>
    protected void Begin() => (_from, _head, Line) = (_at, null, Here);

    /// <summary>Ends the record at the place to which the search has come.</summary>
    protected void End()
    {
        if (_at - _from > FileLimits.MaxRecordBytes) _head ??= _buffer[_from..(_from + FileLimits.MaxRawBytes)];
        Record = _head ?? _buffer.AsMemory(_from, _at - _from).Trim(White);
    }

    /// <summary>Passes bytes.</summary>
    protected void Pass(int bytes) => _at += bytes;

    /// <summary>Reads on if nothing is left. Returns false at the end.</summary>
    protected async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_at < _to) return true;
        if (_isEnd) return false;
        if (_head is null && _at - _from > FileLimits.MaxRecordBytes) _head = _buffer[_from..(_from + FileLimits.MaxRawBytes)];
        if (_head is not null) _from = _at;
        if (_buffer.Length - _to < ReadBytes) MakeRoom();
        var read = await text.ReadAsync(_buffer.AsMemory(_to), cancellationToken);
        _to += read;
        _isEnd = read == 0;
        return read > 0;
    }

    private void MakeRoom()
    {
        var kept = _at - _from;
        _buffer.AsSpan(_from, kept).CopyTo(_buffer);
        (_from, _at, _to) = (0, kept, kept);
        if (_buffer.Length - kept < ReadBytes) Array.Resize(ref _buffer, 2 * _buffer.Length);
    }
}
