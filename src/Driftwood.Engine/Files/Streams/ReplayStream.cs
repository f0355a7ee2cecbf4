using System.Buffers;

namespace Driftwood.Engine.Files.Streams;

/// <summary>
/// A forward stream that can go back to <see cref="KeepFrom"/>. Reading can then restart on the line after a broken record without
/// opening the file again. The buffer is bounded, because a reader reads ahead of its record by at most two records of the largest
/// size. Does not own its source.
/// </summary>
internal sealed class ReplayStream(Stream source) : ReadOnlyStream
{
    private byte[] _window = ArrayPool<byte>.Shared.Rent(1 << 17);
    private long _windowStart;
    private int _windowLength;
    private long _position;

    /// <summary>The offset in the source of the next byte to read.</summary>
    public long Offset => _position;

    /// <summary>Bytes before this offset may be discarded.</summary>
    public long KeepFrom { get; set; }

    /// <summary>Continues reading from an offset that is still buffered.</summary>
    public void ReturnTo(long offset)
    {
        if (offset < _windowStart || offset > _windowStart + _windowLength)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Offset {offset} is not kept; kept are {_windowStart} to {_windowStart + _windowLength}."));
        }

        _position = offset;
        KeepFrom = Math.Min(KeepFrom, offset);
    }

    public override int Read(Span<byte> buffer)
    {
        if (TryReadKept(buffer, out var count)) return count;
        var room = MakeRoom(buffer.Length);
        return Advance(source.Read(room.Span), buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (TryReadKept(buffer.Span, out var count)) return count;
        var room = MakeRoom(buffer.Length);
        var read = await source.ReadAsync(room, cancellationToken);
        return Advance(read, buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = [];
        }

        base.Dispose(disposing);
    }

    private bool TryReadKept(Span<byte> buffer, out int count)
    {
        var kept = _window.AsSpan(0, _windowLength)[(int)(_position - _windowStart)..];
        count = Math.Min(kept.Length, buffer.Length);
        kept[..count].CopyTo(buffer);
        _position += count;
        return count > 0 || buffer.IsEmpty;
    }

    private Memory<byte> MakeRoom(int wanted)
    {
        if (_window.Length - _windowLength < wanted)
        {
            var drop = (int)Math.Max(0, Math.Min(KeepFrom, _position) - _windowStart);
            var kept = _windowLength - drop;
            var target = _window;
            if (_window.Length - kept < wanted) target = ArrayPool<byte>.Shared.Rent(Math.Max(kept + wanted, _window.Length * 2));
            Buffer.BlockCopy(_window, drop, target, 0, kept);
            if (target != _window) ArrayPool<byte>.Shared.Return(_window);
            _window = target;
            _windowStart += drop;
            _windowLength = kept;
        }

        return _window.AsMemory(_windowLength, wanted);
    }

    private int Advance(int read, Span<byte> buffer)
    {
        _window.AsSpan(_windowLength, read).CopyTo(buffer);
        _windowLength += read;
        _position += read;
        return read;
    }
}
