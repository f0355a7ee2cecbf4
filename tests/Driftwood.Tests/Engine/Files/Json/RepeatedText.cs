using System.Text;

namespace Driftwood.Tests.Engine.Files.Json;

/// <summary>Text of any size that nobody holds: a start, a part that is repeated, and an end. Tells how many bytes are asked for.</summary>
internal sealed class RepeatedText(string start, Func<int, string> part, int times, string end, Action<int>? asked = null) : Stream
{
    private ReadOnlyMemory<byte> _rest = Encoding.UTF8.GetBytes(start);
    private int _done;

    public RepeatedText(string start, string part, int times, string end, Action<int>? asked = null)
        : this(start, _ => part, times, end, asked)
    {
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The same text from its beginning.</summary>
    public RepeatedText Again() => new(start, part, times, end, asked);

    public override int Read(byte[] buffer, int offset, int count)
    {
        asked?.Invoke(count);
        var read = 0;
        while (read < count)
        {
            while (_rest.IsEmpty && _done <= times)
            {
                _rest = Encoding.UTF8.GetBytes(_done < times ? part(_done) : end);
                _done++;
            }

            if (_rest.IsEmpty) break;
            var length = Math.Min(count - read, _rest.Length);
            _rest[..length].CopyTo(buffer.AsMemory(offset + read));
            _rest = _rest[length..];
            read += length;
        }

        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
