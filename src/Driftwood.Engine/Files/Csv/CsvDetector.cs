using System.Text;
using Driftwood.Engine.Files.Encodings;
using Driftwood.Engine.Files.Streams;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Detects the format of delimited text: the encoding from all bytes, the rest from the beginning.</summary>
internal static class CsvDetector
{
    private const int SampleBytes = 1 << 16;
    private const int ShownTitle = 60;

    /// <exception cref="UnreadableFileException">The file is empty or is not text.</exception>
    public static async Task<DetectedFormat> DetectAsync(
        OpenFile file, FileOverrides overrides, KnownNames? names, CancellationToken cancellationToken)
    {
        var text = await DetectTextAsync(file, overrides, cancellationToken);
        OtherKinds.RefuseText(text.Start.Span);
        List<DetectionNote> notes = [.. text.Notes];
        var format = await DescribeAsync(text.Start, text.IsWhole, text.Format, overrides, names, notes, cancellationToken);
        return new DetectedFormat(format, notes);
    }

    /// <summary>Finds how a file's text is encoded and compressed, whatever the text is.</summary>
    /// <exception cref="UnreadableFileException">The file is empty or is not text.</exception>
    public static async Task<DetectedText> DetectTextAsync(OpenFile file, FileOverrides overrides, CancellationToken cancellationToken)
    {
        await using var stored = await file(cancellationToken);
        var (bytes, compression) = await Utf8Source.DecompressAsync(stored, cancellationToken);
        await using var decompressed = bytes;
        var sample = new byte[SampleBytes];
        var length = await decompressed.ReadAtLeastAsync(sample, SampleBytes, throwOnEndOfStream: false, cancellationToken);
        var start = sample.AsMemory(0, length);
        if (length == 0) throw new UnreadableFileException("empty_file", "The file is empty.");
        OtherKinds.RefuseBinary(start.Span);
        var detected = await EncodingDetector.DetectAsync(start, decompressed, cancellationToken);
        if (decompressed is DecompressedStream gzip) await gzip.CheckEndAsync(file, cancellationToken);
        var encoding = overrides.Encoding is { } given ? TextEncodings.NameOf(given)! : detected.Encoding;
        var format = new CsvFormat
        {
            Encoding = encoding,
            EncodingConfidence = overrides.Encoding is null ? detected.Confidence : null,
            Compression = compression,
            HasBom = detected.HasBom && detected.Encoding == encoding,
            Delimiter = ',',
            Escape = overrides.Escape ?? '"',
            RaggedRows = overrides.RaggedRows ?? RaggedRows.Pad,
        };
        format = format with { Undecodable = await UndecodableAsync(file, format, detected, cancellationToken) };
        var text = await ToUtf8Async(start, format, cancellationToken);
        DetectionNote[] notes = overrides.Encoding is null && detected.Guess is { } guess ? [Guessed(detected, guess)] : [];
        return new DetectedText(format, text, length < SampleBytes, notes);
    }

    /// <summary>Finds where the table begins in text that Driftwood wrote, of which all else is known.</summary>
    /// <exception cref="UnreadableFileException">The file is empty.</exception>
    public static async Task<DetectedFormat> DetectTableAsync(
        OpenFile file, FileOverrides overrides, KnownNames? names, ConvertedTable table, CancellationToken cancellationToken)
    {
        await using var stored = await file(cancellationToken);
        var sample = new byte[SampleBytes];
        var length = await stored.ReadAtLeastAsync(sample, SampleBytes, throwOnEndOfStream: false, cancellationToken);
        var format = new CsvFormat
        {
            Encoding = TextEncodings.Utf8,
            EncodingConfidence = 1,
            Delimiter = ',',
            RaggedRows = overrides.RaggedRows ?? RaggedRows.Pad,
            Origin = table.Origin,
        };
        List<DetectionNote> notes = [.. table.Notes];
        format = await DescribeAsync(
            sample.AsMemory(0, length), length < SampleBytes, format, overrides with { Delimiter = ',', Quote = '"' }, names, notes,
            cancellationToken);
        return new DetectedFormat(format with { LineEnding = "lf" }, notes);
    }

    private static async Task<CsvFormat> DescribeAsync(
        ReadOnlyMemory<byte> text, bool isWhole, CsvFormat format, FileOverrides overrides, KnownNames? names, List<DetectionNote> notes,
        CancellationToken cancellationToken)
    {
        if (overrides.Quote is null) (text, format) = await UnwrapAsync(text, isWhole, format, overrides, names, notes, cancellationToken);
        var hint = SeparatorLine(text.Span, out var hintLength);
        var hasHint = hint is not null && overrides.HeaderRow != 1 && format.Origin is null;
        format = format with { LineEnding = LineEnding(text.Span), HasSeparatorLine = hasHint };
        if (format.HasSeparatorLine) text = text[hintLength..];
        format = await FindCellsAsync(text, isWhole, format, overrides, overrides.Delimiter ?? hint, names, cancellationToken);
        var records = await SampleRecord.ReadAsync(text, isWhole, format, cancellationToken);
        var table = overrides switch
        {
            { HeaderRow: { } row } => new TableStart(row - (format.HasSeparatorLine ? 2 : 1), HasHeader: true, IsDoubtful: false),
            { HasHeader: false } => new TableStart(0, HasHeader: false, IsDoubtful: false),
            _ => TableStart.Find(records, names),
        };
        if (overrides.HasHeader is { } hasHeader) table = table with { HasHeader = hasHeader, IsDoubtful = false };
        format = format with { SkippedRecords = table.Skipped, HasHeader = table.HasHeader };
        if (overrides.HeaderRow is null) AddSkipped(notes, records, format);
        if (overrides is { HasHeader: null, HeaderRow: null }) AddDoubt(notes, records, table);
        return format;
    }

    // The delimiter and the quotes.
    private static async Task<CsvFormat> FindCellsAsync(
        ReadOnlyMemory<byte> text, bool isWhole, CsvFormat format, FileOverrides overrides, char? given, KnownNames? names,
        CancellationToken cancellationToken)
    {
        if (overrides.Quote is null && given != CsvFormat.SingleQuote && text.Span.Contains((byte)CsvFormat.SingleQuote))
        {
            var single = format with { Quote = CsvFormat.SingleQuote };
            single = single with { Delimiter = given ?? await DelimiterFinder.FindAsync(text, isWhole, single, names, cancellationToken) };
            if (QuoteFinder.AreSingle(text.Span, isWhole, single)) return single;
        }

        format = format with { Quote = overrides.Quote ?? format.Quote };
        return format with { Delimiter = given ?? await DelimiterFinder.FindAsync(text, isWhole, format, names, cancellationToken) };
    }

    // A person sees at once that quotes around a whole line are none of its cells.
    private static async Task<(ReadOnlyMemory<byte> Text, CsvFormat Format)> UnwrapAsync(
        ReadOnlyMemory<byte> text, bool isWhole, CsvFormat format, FileOverrides overrides, KnownNames? names, List<DetectionNote> notes,
        CancellationToken cancellationToken)
    {
        var count = QuoteFinder.CountWrapped(text.Span, isWhole, format);
        if (count == 0) return (text, format);
        await using var source = new UnwrappedStream(new PrefixedStream(text, Stream.Null));
        using var inside = new MemoryStream();
        await source.CopyToAsync(inside, cancellationToken);
        ReadOnlyMemory<byte> unwrapped = inside.ToArray();
        var delimiter = overrides.Delimiter ?? await DelimiterFinder.FindAsync(unwrapped, isWhole, format, names, cancellationToken);
        var records = await SampleRecord.ReadAsync(unwrapped, isWhole, format with { Delimiter = delimiter }, cancellationToken);
        var first = records.Find(record => !record.IsBlank);
        if (first is null || first.Cells.Length == 1) return (text, format);
        var isTable = QuoteFinder.AreTable(records);
        notes.Add(new DetectionNote("wrapped_lines", first.Line, count, isTable
            ? "Each line stands in one pair of quotes, as if it were one cell. They are left out; quote says otherwise."
            : "Each line stands in one pair of quotes, so the file has one column. Without these quotes, the lines make no table."));
        return isTable ? (unwrapped, format with { HasWrappedLines = true }) : (text, format);
    }

    private static void AddSkipped(List<DetectionNote> notes, List<SampleRecord> records, CsvFormat format)
    {
        var skipped = records.Take(format.SkippedRecords).Where(record => !record.IsBlank).ToList();
        if (skipped.Count == 0) return;
        var title = string.Join(format.Delimiter, skipped[0].Cells.Take(skipped[0].Width));
        if (title.Length > ShownTitle) title = title[..ShownTitle] + "…";
        notes.Add(new DetectionNote("lines_above_table", skipped[0].Line, skipped.Count, FormattableString.Invariant(
            $"Lines above the table are left out, such as \"{title}\". The table begins with record {format.FirstRecord};")
            + " header_row says otherwise."));
    }

    private static void AddDoubt(List<DetectionNote> notes, List<SampleRecord> records, TableStart table)
    {
        if (table.Skipped >= records.Count || (table.HasHeader && !table.IsDoubtful)) return;
        var line = records[table.Skipped].Line;
        notes.Add(table.HasHeader
            ? new DetectionNote("header_looks_like_data", line, 1,
                "The first line holds values where names should be. It was taken for the header; has_header says otherwise.")
            : new DetectionNote("no_header", line, 1,
                "The first line holds values, so it was taken for data and the columns have no names; has_header says otherwise."));
    }

    private static DetectionNote Guessed(DetectedEncoding detected, CodePageGuess guess)
    {
        var words = guess.Words.Count == 0 ? "" : $" Words concerned: {string.Join(", ", guess.Words)}.";
        return new DetectionNote(
            "encoding_guessed", detected.FirstLine, detected.Lines,
            $"The file does not say its encoding and is not UTF-8; {guess.Encoding} is a guess.{words}"
                + " If they look wrong, say the encoding.");
    }

    // UTF-8 was counted while it was detected. Everything else has to be decoded.
    private static async Task<long> UndecodableAsync(
        OpenFile file, CsvFormat format, DetectedEncoding detected, CancellationToken cancellationToken)
    {
        if (format.Encoding == TextEncodings.Utf8 && detected.Encoding == TextEncodings.Utf8) return detected.Undecodable;
        if (format.Encoding == TextEncodings.Utf8) return 0;
        await using var text = await Utf8Source.OpenAsync(await file(cancellationToken), format, cancellationToken);
        return await ((DecodedStream)text).CountUndecodableAsync(cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> ToUtf8Async(
        ReadOnlyMemory<byte> start, CsvFormat format, CancellationToken cancellationToken)
    {
        var bytes = new PrefixedStream(start, Stream.Null);
        await using var text = await Utf8Source.OpenAsync(bytes, format with { Compression = "none" }, cancellationToken);
        using var utf8 = new MemoryStream();
        await text.CopyToAsync(utf8, cancellationToken);
        return utf8.ToArray();
    }

    // Some programs put the line in quotes.
    private static char? SeparatorLine(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        var line = text;
        var isQuoted = line.StartsWith("\""u8);
        if (isQuoted) line = line[1..];
        if (line.Length < 6 || !Ascii.EqualsIgnoreCase(line[..4], "sep="u8) || !IsDelimiter((char)line[4])) return null;
        var delimiter = (char)line[4];
        line = line[5..];
        if (isQuoted)
        {
            if (!line.StartsWith("\""u8)) return null;
            line = line[1..];
        }

        if (line.IsEmpty || line[0] is not ((byte)'\r' or (byte)'\n')) return null;
        length = text.Length - line.Length + (line.StartsWith("\r\n"u8) ? 2 : 1);
        return delimiter;
    }

    private static bool IsDelimiter(char character) => character == '\t' || (character is > ' ' and <= '~' && character != '"');

    /// <summary>The line endings of a text.</summary>
    public static string LineEnding(ReadOnlySpan<byte> text)
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

/// <summary>The text of a file.</summary>
/// <param name="Format">Its encoding and compression. Nothing is known of cells.</param>
/// <param name="Start">Its beginning in UTF-8.</param>
/// <param name="IsWhole">The beginning is all of it.</param>
/// <param name="Notes">What is uncertain about it.</param>
internal sealed record DetectedText(CsvFormat Format, ReadOnlyMemory<byte> Start, bool IsWhole, IReadOnlyList<DetectionNote> Notes);
