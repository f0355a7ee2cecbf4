using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>Returns a file line by line, so a reader reads no more than it needs. It calls a function before one of the lines.</summary>
internal sealed class LineStream(byte[] file, int line, Func<Task> before) : ReadOnlyStream
{
    private int _position;
    private int _line;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("Lanes read asynchronously.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position == 0 || file[_position - 1] == '\n')
        {
            if (++_line == line) await before();
        }

        var rest = file.AsMemory(_position);
        var end = rest.Span.IndexOf((byte)'\n');
        var length = Math.Min(buffer.Length, end < 0 ? rest.Length : end + 1);
        rest[..length].CopyTo(buffer);
        _position += length;
        return length;
    }
}
