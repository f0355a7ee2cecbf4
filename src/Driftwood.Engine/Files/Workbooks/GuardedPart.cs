using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>
/// A decompressed part of a workbook. It bounds what a small file may grow to, and how long one tag or text may be, because an XML reader
/// holds these in memory. Owns the stream.
/// </summary>
internal sealed class GuardedPart(Stream part, long packedLength) : ReadOnlyStream
{
    private const long MaxBytes = 6L << 30;
    private const long FreeBytes = 64L << 20;
    private const long MaxRatio = 250;
    private const int MaxBetweenTags = 2 << 20;

    private long _bytes;
    private int _sinceTag;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Check(buffer, part.Read(buffer));
        }
        catch (InvalidDataException broken)
        {
            throw WorkbookFault.Broken(broken.Message);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await part.ReadAsync(buffer, cancellationToken);
            return Check(buffer.Span, read);
        }
        catch (InvalidDataException broken)
        {
            throw WorkbookFault.Broken(broken.Message);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) part.Dispose();
        base.Dispose(disposing);
    }

    private int Check(ReadOnlySpan<byte> buffer, int read)
    {
        _bytes += read;
        if (_bytes > MaxBytes || (_bytes > FreeBytes && _bytes > packedLength * MaxRatio))
            throw WorkbookFault.TooLarge("The workbook is far larger once it is decompressed.");
        var text = buffer[..read];
        var first = text.IndexOf((byte)'<');
        if (_sinceTag + (first < 0 ? read : first) > MaxBetweenTags)
            throw WorkbookFault.Broken($"a tag or a text has more than {MaxBetweenTags} bytes.");
        _sinceTag = first < 0 ? _sinceTag + read : read - text.LastIndexOf((byte)'<');
        return read;
    }
}
