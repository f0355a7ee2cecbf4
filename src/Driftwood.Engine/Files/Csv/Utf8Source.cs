using Driftwood.Engine.Files.Encodings;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Opens the file as UTF-8 without a byte order mark, whatever its stored encoding is.</summary>
internal static class Utf8Source
{
    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    /// <summary>The decompressed bytes, to be checked at their end. The first two bytes determine the compression.</summary>
    public static async Task<(Stream Stream, string Compression)> DecompressAsync(Stream file, CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var length = await file.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken);
        var whole = new PrefixedStream(start.AsMemory(0, length), file);
        return start.AsSpan(0, length).SequenceEqual(GzipMagic)
            ? (new DecompressedStream(whole, isChecked: true), "gzip")
            : (whole, "none");
    }

    /// <summary>The file's text as UTF-8. Disposing the result disposes <paramref name="file"/>.</summary>
    public static async Task<Stream> OpenAsync(Stream file, CsvFormat format, CancellationToken cancellationToken)
    {
        Stream bytes = format.Compression == "gzip" ? new DecompressedStream(file) : file;
        if (format.HasBom) await bytes.ReadExactlyAsync(new byte[ByteOrderMarks.LengthOf(format.Encoding)], cancellationToken);
        var text = format.Encoding == TextEncodings.Utf8 ? bytes : new DecodedStream(bytes, format.Encoding);
        return format.HasWrappedLines ? new UnwrappedStream(text) : text;
    }
}
