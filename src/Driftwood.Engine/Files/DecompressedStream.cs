using System.IO.Compression;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files;

/// <summary>The decompressed contents of gzip, at most <see cref="FileLimits.MaxDecompressedBytes"/>. Owns the compressed stream.</summary>
internal sealed class DecompressedStream : ReadOnlyStream
{
    private readonly GzipEnd.MeasuredStream? _measured;
    private readonly GzipEnd? _end;
    private readonly GZipStream _gzip;
    private long _length;

    /// <param name="compressed">The compressed data.</param>
    /// <param name="isChecked">Whether <see cref="CheckEndAsync"/> will be called.</param>
    public DecompressedStream(Stream compressed, bool isChecked = false)
    {
        if (isChecked) (_measured, _end) = (new GzipEnd.MeasuredStream(compressed), new GzipEnd());
        _gzip = new GZipStream(_measured ?? compressed, CompressionMode.Decompress);
    }

    /// <exception cref="UnreadableFileException">The data is broken or too large.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(buffer, _gzip.Read(buffer));
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
            var read = await _gzip.ReadAsync(buffer, cancellationToken);
            return Count(buffer.Span, read);
        }
        catch (InvalidDataException broken)
        {
            throw Broken(broken);
        }
    }

    /// <summary>Reads to the end and refuses a file with bytes behind its compressed data.</summary>
    /// <param name="file">Opens the compressed file again, if that is necessary.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="UnreadableFileException">There are such bytes, or the data is broken or too large.</exception>
    public async Task CheckEndAsync(OpenFile file, CancellationToken cancellationToken)
    {
        await CopyToAsync(Null, cancellationToken);
        await _end!.CheckAsync(_measured!, file, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private int Count(ReadOnlySpan<byte> buffer, int read)
    {
        _end?.Add(buffer[..read]);
        _length += read;
        return _length <= FileLimits.MaxDecompressedBytes
            ? read
            : throw new UnreadableFileException("too_large", FormattableString.Invariant(
                $"The file holds more than {FileLimits.MaxDecompressedBytes} bytes once it is decompressed."));
    }

    private static UnreadableFileException Broken(InvalidDataException broken) =>
        new("broken_compression", $"The compressed data is broken: {broken.Message}");
}
