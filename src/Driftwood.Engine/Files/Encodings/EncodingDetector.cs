using System.Buffers;
using System.Text;

namespace Driftwood.Engine.Files.Encodings;

/// <summary>What the bytes of a file tell about its encoding.</summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="HasBom">The file begins with the encoding's byte order mark.</param>
/// <param name="Confidence">From 0 to 1. 1: the file says it, or is ASCII or UTF-8.</param>
/// <param name="Undecodable">For UTF-8: the number of invalid sequences. 0 for others, which are counted while they are decoded.</param>
/// <param name="Guess">The guess, if it is one.</param>
/// <param name="FirstLine">The first line with a byte beyond ASCII, if the encoding is a guess.</param>
/// <param name="Lines">The number of such lines.</param>
internal sealed record DetectedEncoding(
    string Encoding, bool HasBom, double Confidence, long Undecodable = 0, CodePageGuess? Guess = null, long FirstLine = 0, long Lines = 0);

/// <summary>Detects the encoding of a file from its beginning or, where that tells nothing, from all its bytes.</summary>
internal static class EncodingDetector
{
    /// <summary>Two bytes a character show in the zeros of plain letters, digits and delimiters.</summary>
    private const double WideConfidence = 0.95;

    /// <param name="start">The beginning of the file.</param>
    /// <param name="rest">The rest. It is read to its end where necessary.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<DetectedEncoding> DetectAsync(
        ReadOnlyMemory<byte> start, Stream rest, CancellationToken cancellationToken)
    {
        if (ByteOrderMarks.Find(start.Span) is { } marked && marked != TextEncodings.Utf8) return new DetectedEncoding(marked, true, 1);
        var hasMark = start.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]);
        if (!hasMark && WideEncoding(start.Span) is { } wide) return new DetectedEncoding(wide, false, WideConfidence);
        var bytes = new NarrowBytes();
        await bytes.ReadAsync(start, rest, cancellationToken);
        if (hasMark || bytes.IsUtf8) return new DetectedEncoding(TextEncodings.Utf8, hasMark, 1, bytes.Invalid);
        var guess = CodePageGuess.Of(bytes.Lines.ToArray());
        return new DetectedEncoding(guess.Encoding, false, guess.Confidence, 0, guess, bytes.FirstLine, bytes.LineCount);
    }

    // Plain letters, digits, blanks and delimiters have a zero in every second byte. Text in other scripts has at least the delimiters,
    // and bytes of one kind of text hardly ever are zero.
    private static string? WideEncoding(ReadOnlySpan<byte> start)
    {
        var pairs = start.Length / 2;
        var (even, odd) = (0, 0);
        for (var i = 0; i + 1 < start.Length; i += 2)
        {
            if (start[i] == 0) even++;
            if (start[i + 1] == 0) odd++;
        }

        if (pairs < 2) return null;
        if (odd * 10L > pairs * 7L && even * 20L < pairs) return "utf-16le";
        if (even * 10L > pairs * 7L && odd * 20L < pairs) return "utf-16be";
        if (odd * 20L > pairs && even == 0 && IsWide(start, "utf-16le")) return "utf-16le";
        return even * 20L > pairs && odd == 0 && IsWide(start, "utf-16be") ? "utf-16be" : null;
    }

    private static bool IsWide(ReadOnlySpan<byte> start, string encoding)
    {
        var text = TextEncodings.Decoder(encoding).GetString(start[..(start.Length & ~1)]);
        // The last character may be half a pair where the sample ends.
        var known = text.AsSpan()[..Math.Max(0, text.Length - 1)];
        return !known.Contains(DecodedStream.Mark) && known.IndexOfAny('\r', '\n') >= 0
            && known.Count(',') + known.Count(';') + known.Count('\t') + known.Count('|') > 0;
    }

    /// <summary>Counts what speaks for UTF-8, and keeps lines with bytes beyond ASCII.</summary>
    private sealed class NarrowBytes
    {
        private const int MostKept = 1 << 18;

        private long _valid;
        private long _line = 1;
        private bool _isCounted; // the current line has a byte beyond ASCII

        public long Invalid { get; private set; }

        public MemoryStream Lines { get; } = new();

        public long FirstLine { get; private set; }

        public long LineCount { get; private set; }

        // UTF-8 if valid sequences of several bytes outnumber invalid ones. Plain ASCII is UTF-8.
        public bool IsUtf8 => Invalid == 0 || _valid > Invalid;

        public async Task ReadAsync(ReadOnlyMemory<byte> start, Stream rest, CancellationToken cancellationToken)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
            try
            {
                start.CopyTo(buffer);
                await ReadAsync(buffer, start.Length, rest, cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        private async Task ReadAsync(byte[] buffer, int length, Stream rest, CancellationToken cancellationToken)
        {
            while (length > 0)
            {
                var used = Count(buffer.AsSpan(0, length));
                Keep(buffer.AsSpan(0, used));
                buffer.AsSpan(used, length - used).CopyTo(buffer);
                length -= used;
                var read = await rest.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0) break;
                length += read;
            }

            Invalid += length;
            Keep(buffer.AsSpan(0, length));
        }

        private int Count(ReadOnlySpan<byte> bytes)
        {
            var used = 0;
            while (true)
            {
                var next = bytes[used..].IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
                if (next < 0) return bytes.Length;
                used += next;
                var status = Rune.DecodeFromUtf8(bytes[used..], out _, out var length);
                if (status == OperationStatus.NeedMoreData) return used;
                if (status == OperationStatus.Done) _valid++;
                else Invalid++;
                used += length;
            }
        }

        // The lines' numbers only matter for text that is no UTF-8, so lines of UTF-8 are not counted.
        private void Keep(ReadOnlySpan<byte> bytes)
        {
            if (_valid > 1000 && _valid > 2 * Invalid && Lines.Length >= MostKept) return;
            if (!bytes.ContainsAnyExceptInRange((byte)0, (byte)0x7F))
            {
                var breaks = bytes.Count((byte)'\n');
                _line += breaks;
                _isCounted &= breaks == 0;
                return;
            }

            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'\n');
                var line = end < 0 ? bytes : bytes[..(end + 1)];
                if (line.ContainsAnyExceptInRange((byte)0, (byte)0x7F))
                {
                    if (Lines.Length < MostKept) Lines.Write(line);
                    if (FirstLine == 0) FirstLine = _line;
                    if (!_isCounted) LineCount++;
                    _isCounted = true;
                }

                if (end >= 0)
                {
                    _line++;
                    _isCounted = false;
                }

                bytes = bytes[line.Length..];
            }
        }
    }
}
