using System.Buffers;

namespace Driftwood.Engine.Csv;

/// <summary>
/// A forward stream that can go back as far as <see cref="KeepFrom"/>, so that reading can begin again on the line
/// after a broken record without opening the file anew. What is kept is bounded by how far a reader reads ahead of
/// the record it is on: two records of the largest size. Does not own its source.
/// </summary>
internal sealed class ReplayStream(Stream source) : ReadOnlyStream
{
    private byte[] window = ArrayPool<byte>.Shared.Rent(1 << 17);
    private long windowStart;
    private int windowLength;
    private long position;

    /// <summary>Offset in the source of the next byte to be read.</summary>
    public long Offset => position;

    /// <summary>Bytes before this offset may be forgotten.</summary>
    public long KeepFrom { get; set; }

    /// <summary>Reads on from an offset that is still kept.</summary>
    public void ReturnTo(long offset)
    {
        if (offset < windowStart || offset > windowStart + windowLength)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Offset {offset} is not kept; kept are {windowStart} to {windowStart + windowLength}."));
        }

        position = offset;
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
        if (disposing && window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(window);
            window = [];
        }

        base.Dispose(disposing);
    }

    private bool TryReadKept(Span<byte> buffer, out int count)
    {
        var kept = window.AsSpan(0, windowLength)[(int)(position - windowStart)..];
        count = Math.Min(kept.Length, buffer.Length);
        kept[..count].CopyTo(buffer);
        position += count;
        return count > 0 || buffer.IsEmpty;
    }

    private Memory<byte> MakeRoom(int wanted)
    {
        if (window.Length - windowLength < wanted)
        {
            var drop = (int)Math.Max(0, Math.Min(KeepFrom, position) - windowStart);
            var kept = windowLength - drop;
            var target = window;
            if (window.Length - kept < wanted) target = ArrayPool<byte>.Shared.Rent(Math.Max(kept + wanted, window.Length * 2));
            Buffer.BlockCopy(window, drop, target, 0, kept);
            if (target != window) ArrayPool<byte>.Shared.Return(window);
            window = target;
            windowStart += drop;
            windowLength = kept;
        }

        return window.AsMemory(windowLength, wanted);
    }

    private int Advance(int read, Span<byte> buffer)
    {
        window.AsSpan(windowLength, read).CopyTo(buffer);
        windowLength += read;
        position += read;
        return read;
    }
}
