using System.Text;
using CsvHelper;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files.Csv;

/// <summary>How delimited text is read.</summary>
public sealed record CsvFormat : FileFormat
{
    /// <summary><c>utf-8</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>windows-1252</c>.</summary>
    public required string Encoding { get; init; }

    /// <summary>One ASCII character. Detected: <c>,</c> <c>;</c> tab or <c>|</c>. Given: any except quote and line breaks.</summary>
    public required char Delimiter { get; init; }

    /// <summary>The file begins with a byte order mark.</summary>
    public bool HasBom { get; init; }

    /// <summary>The line endings at the file's beginning: <c>lf</c>, <c>crlf</c>, <c>cr</c> or <c>mixed</c>. Every kind is read.</summary>
    public string LineEnding { get; init; } = "lf";

    /// <summary>The first line is <c>sep=…</c>, as spreadsheets write it. It is not a record.</summary>
    public bool HasSeparatorLine { get; init; }

    /// <summary>The encodings a caller may name.</summary>
    public static IReadOnlyList<string> Encodings { get; } = ["utf-8", "utf-16le", "utf-16be", "windows-1252"];

    public override FileDescription Describe() =>
        new(Encoding, Delimiter.ToString(), LineEnding, Compression, HasBom, HasHeader);

    internal override async Task<RowReader> OpenAsync(Stream file, CancellationToken cancellationToken) =>
        await CsvRows.OpenAsync(file, this, cancellationToken);

    internal override byte[][] SplitRecord(ReadOnlyMemory<byte> record)
    {
        using var reader = CsvReader.Create(record, new CsvReaderOptions
        {
            Separator = Delimiter,
            HasHeader = false,
            DetectSeparatorHint = false,
            MalformedData = CsvMalformedDataHandling.Recover,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
        });
        if (!reader.Read()) return [];
        var cells = new byte[reader.FieldCount][];
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = reader.GetSpan(i);
            cells[i] = (IsFailedRows ? FormulaGuard.Remove(cell) : cell).ToArray();
        }

        return cells;
    }

    /// <summary>
    /// The decoder for a name in <see cref="Encodings"/>. Bytes that it cannot decode become NUL. No field accepts NUL, so nothing is
    /// replaced silently.
    /// </summary>
    internal static Encoding Decoder(string name) => name switch
    {
        "utf-16le" => System.Text.Encoding.GetEncoding("utf-16", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\0")),
        "utf-16be" =>
            System.Text.Encoding.GetEncoding("utf-16BE", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\0")),
        "windows-1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not an encoding that needs decoding."),
    };
}
