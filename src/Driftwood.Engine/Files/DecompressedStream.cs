using System.IO.Compression;
using Driftwood.Engine.Files.Csv;

namespace Driftwood.Engine.Files;

/// <summary>The decompressed contents of gzip, at most <see cref="FileLimits.MaxDecompressedBytes"/>. Owns the compressed stream.</summary>
internal sealed class DecompressedStream(Stream compressed) : ReadOnlyStream
{
    private readonly GZipStream _gzip = new(compressed, CompressionMode.Decompress);
    private long _length;

    /// <exception cref="UnreadableFileException">The data is broken or too large.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(_gzip.Read(buffer));
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }
    }

    /// <exception cref="UnreadableFileException">The data is broken or too large.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await _gzip.ReadAsync(buffer, cancellationToken));
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        _length += read;
        return _length <= FileLimits.MaxDecompressedBytes
            ? read
            : throw new UnreadableFileException("too_large", FormattableString.Invariant(
                $"The file holds more than {FileLimits.MaxDecompressedBytes} bytes once it is decompressed."));
    }

    private static UnreadableFileException Broken(InvalidDataException broken) =>
        new("broken_compression", $"The compressed data is broken: {broken.Message}");
}
