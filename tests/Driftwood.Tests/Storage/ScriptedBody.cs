namespace Driftwood.Tests.Storage;

/// <summary>A request body: a number of bytes of one value, followed by a network event.</summary>
internal sealed class ScriptedBody(long length, byte value = (byte)'x', Func<Task>? atEnd = null) : Stream
{
    private long _sent;

    public int LargestRead { get; private set; }

    public bool WasRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static Task Reset() => throw new IOException("Connection reset by peer");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        WasRead = true;
        LargestRead = Math.Max(LargestRead, buffer.Length);
        // The pieces have odd sizes, like packets.
        var count = (int)Math.Min(Math.Min(buffer.Length, 1460), length - _sent);
        if (count == 0 && atEnd is not null)
            await atEnd();
        cancellationToken.ThrowIfCancellationRequested();
        buffer.Span[..count].Fill(value);
        _sent += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
