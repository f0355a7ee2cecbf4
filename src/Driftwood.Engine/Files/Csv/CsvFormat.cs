using System.Text;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files.Csv;

/// <summary>How a file is read: found when its upload is completed, kept with the import, the same for every reader.</summary>
public sealed record CsvFormat
{
    /// <summary><c>utf-8</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>windows-1252</c>.</summary>
    public required string Encoding { get; init; }

    /// <summary>One ASCII character: <c>,</c> <c>;</c> tab or <c>|</c> when detected, any but quote and line breaks when given.</summary>
    public required char Delimiter { get; init; }

    /// <summary>The first record names the columns.</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>The file begins with a byte order mark.</summary>
    public bool HasBom { get; init; }

    /// <summary><c>none</c> or <c>gzip</c>, by content and not by name.</summary>
    public string Compression { get; init; } = "none";

    /// <summary><c>lf</c>, <c>crlf</c>, <c>cr</c> or <c>mixed</c>, as the file's beginning has them; every kind is read.</summary>
    public string LineEnding { get; init; } = "lf";

    /// <summary>The first line is <c>sep=…</c>, as spreadsheets write it, and is not a record.</summary>
    public bool HasSeparatorLine { get; init; }

    /// <summary>Columns of a record: those of the header, or of the first record without one.</summary>
    public int ColumnCount { get; init; }

    /// <summary>
    /// The file is one of <see cref="FailedRowsCsv"/>: an apostrophe before what begins like a formula is not part of a cell.
    /// </summary>
    public bool IsFailedRows { get; init; }

    /// <summary>The encodings a caller may name.</summary>
    public static IReadOnlyList<string> Encodings { get; } = ["utf-8", "utf-16le", "utf-16be", "windows-1252"];

    /// <summary>
    /// The decoder of a name in <see cref="Encodings"/>. What it cannot decode becomes NUL, which no field accepts, so
    /// that nothing is replaced in silence.
    /// </summary>
    internal static Encoding Decoder(string name) => name switch
    {
        "utf-16le" => System.Text.Encoding.GetEncoding("utf-16", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\0")),
        "utf-16be" => System.Text.Encoding.GetEncoding("utf-16BE", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\0")),
        "windows-1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not an encoding that needs decoding."),
    };
}

/// <summary>Bounds on a file's records.</summary>
public static class CsvLimits
{
    /// <summary>Bytes of UTF-8 in one record; a longer one fails <c>record_too_large</c>. Ten times the largest field there is.</summary>
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>Bytes of a file once decompressed: four times the largest upload by default, so that what is small on disk cannot be endless.</summary>
    public const long MaxDecompressedBytes = 20L << 30;

    /// <summary>Columns of a file; more are refused when the upload is completed.</summary>
    public const int MaxColumns = 1_000;

    /// <summary>Bytes of a failed record that are kept with its error.</summary>
    public const int MaxRawBytes = 1 << 16;
}

/// <summary>The file cannot be read as delimited text at all. A job that needs it fails.</summary>
public sealed class UnreadableFileException(string code, string message) : JobFailedException(message)
{
    /// <summary>A stable word such as <c>not_text</c> or <c>empty_file</c>.</summary>
    public string Code { get; } = code;
}
