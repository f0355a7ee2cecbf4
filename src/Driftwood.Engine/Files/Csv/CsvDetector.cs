using System.Buffers;
using System.Text;
using CsvHelper;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Detects the format of delimited text: the encoding from all bytes, the rest from the beginning.</summary>
internal static class CsvDetector
{
    private const int SampleBytes = 1 << 16;

    private static readonly (byte[] Magic, string Name)[] KnownBinaries =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG image"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        ("GIF8"u8.ToArray(), "a GIF image"),
        ("%PDF"u8.ToArray(), "a PDF document"),
        ("PK\x03\x04"u8.ToArray(), "a ZIP archive or an Excel workbook; export the sheet as CSV"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook; export the sheet as CSV"),
        ("Rar!"u8.ToArray(), "a RAR archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard-compressed data; only gzip is read"),
    ];

    /// <exception cref="UnreadableFileException">The file is empty or is not text.</exception>
    public static async Task<CsvFormat> DetectAsync(OpenFile file, FileOverrides overrides, CancellationToken cancellationToken)
    {
        await using var stored = await file(cancellationToken);
        var (bytes, compression) = await Utf8Source.DecompressAsync(stored, cancellationToken);
        await using var decompressed = bytes;
        var sample = new byte[SampleBytes];
        var length = await decompressed.ReadAtLeastAsync(sample, SampleBytes, throwOnEndOfStream: false, cancellationToken);
        var start = sample.AsMemory(0, length);
        if (length == 0) throw new UnreadableFileException("empty_file", "The file is empty.");
        RefuseBinary(start.Span);
        var (bomEncoding, bomLength) = ByteOrderMark(start.Span);
        var detected = bomEncoding ?? WideEncoding(start.Span) ?? await NarrowEncodingAsync(start, decompressed, cancellationToken);
        var encoding = overrides.Encoding ?? detected;
        var hasBom = bomEncoding is not null && bomEncoding == encoding;
        var text = ToUtf8(start[(hasBom ? bomLength : 0)..], encoding);
        RefuseControlCharacters(text.Span);
        return Describe(text, overrides) with { Encoding = encoding, Compression = compression, HasBom = hasBom };
    }

    private static CsvFormat Describe(ReadOnlyMemory<byte> text, FileOverrides overrides)
    {
        var hint = SeparatorLine(text.Span);
        var delimiter = overrides.Delimiter ?? hint ?? DetectDelimiter(text);
        return new CsvFormat
        {
            Encoding = "",
            Delimiter = delimiter,
            HasHeader = overrides.HasHeader ?? true,
            LineEnding = LineEnding(text.Span),
            HasSeparatorLine = hint is not null,
        };
    }

    private static void RefuseBinary(ReadOnlySpan<byte> start)
    {
        foreach (var (magic, name) in KnownBinaries)
        {
            if (start.StartsWith(magic)) throw new UnreadableFileException("not_text", $"The file is {name}, not delimited text.");
        }
    }

    // A stray control character makes a bad cell. If one character in a hundred is a control character, it is another kind of file.
    private static void RefuseControlCharacters(ReadOnlySpan<byte> text)
    {
        var controls = 0;
        foreach (var b in text)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n' or 0x0B or 0x0C)) controls++;
        }

        if (controls * 100L > text.Length)
        {
            throw new UnreadableFileException("not_text", "The file is not text: more than one byte in a hundred is a control character.");
        }
    }

    private static (string? Encoding, int Length) ByteOrderMark(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) return ("utf-8", 3);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) return ("utf-16le", 2);
        return start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? ("utf-16be", 2) : (null, 0);
    }

    // Text in a Latin script has a zero in every second byte. Without a byte order mark there is no other clue.
    private static string? WideEncoding(ReadOnlySpan<byte> start)
    {
        var even = 0;
        var odd = 0;
        for (var i = 0; i + 1 < start.Length; i += 2)
        {
            if (start[i] == 0) even++;
            if (start[i + 1] == 0) odd++;
        }

        var pairs = start.Length / 2;
        if (pairs < 2) return null;
        if (odd * 10L > pairs * 7L && even * 20L < pairs) return "utf-16le";
        return even * 10L > pairs * 7L && odd * 20L < pairs ? "utf-16be" : null;
    }

    // API.md: UTF-8 if valid multi-byte sequences outnumber invalid ones, else Windows-1252. Plain ASCII is UTF-8.
    private static async Task<string> NarrowEncodingAsync(ReadOnlyMemory<byte> start, Stream rest, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 17];
        start.CopyTo(buffer);
        var length = start.Length;
        long valid = 0, invalid = 0;
        while (length > 0)
        {
            var used = Count(buffer.AsSpan(0, length), ref valid, ref invalid);
            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
            var read = await rest.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0) break;
            length += read;
        }

        invalid += length;
        return invalid == 0 || valid > invalid ? "utf-8" : "windows-1252";
    }

    private static int Count(ReadOnlySpan<byte> bytes, ref long valid, ref long invalid)
    {
        var used = 0;
        while (true)
        {
            var next = bytes[used..].IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (next < 0) return bytes.Length;
            used += next;
            var status = Rune.DecodeFromUtf8(bytes[used..], out _, out var length);
            if (status == OperationStatus.NeedMoreData) return used;
            if (status == OperationStatus.Done) valid++;
            else invalid++;
            used += length;
        }
    }

    private static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> bytes, string encoding)
    {
        if (encoding == "utf-8") return bytes;
        var whole = encoding == "windows-1252" ? bytes.Span : bytes.Span[..(bytes.Length & ~1)];
        return Encoding.UTF8.GetBytes(CsvFormat.Decoder(encoding).GetString(whole));
    }

    private static char? SeparatorLine(ReadOnlySpan<byte> text) =>
        text.Length >= 6 && Ascii.EqualsIgnoreCase(text[..4], "sep="u8) && IsDelimiter((char)text[4]) && text[5] is (byte)'\r' or (byte)'\n'
            ? (char)text[4]
            : null;

    private static bool IsDelimiter(char character) => character == '\t' || (character is > ' ' and <= '~' && character != '"');

    private static char DetectDelimiter(ReadOnlyMemory<byte> text)
    {
        using var reader = CsvReader.Create(text, new CsvReaderOptions { HasHeader = false, DetectSeparatorHint = false });
        return reader.Separator is var separator and not '\0' ? separator : ',';
    }

    private static string LineEnding(ReadOnlySpan<byte> text)
    {
        int lf = 0, crlf = 0, cr = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n') lf++;
            else if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n') { crlf++; i++; }
            else if (text[i] == '\r' && i + 1 < text.Length) cr++;
        }

        return (lf, crlf, cr) switch
        {
            (_, 0, 0) => "lf",
            (0, _, 0) => "crlf",
            (0, 0, _) => "cr",
            _ => "mixed",
        };
    }
}
