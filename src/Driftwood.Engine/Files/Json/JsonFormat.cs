using System.Text;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Encodings;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Json;

/// <summary>How the table is read that was made of a JSON file. The properties tell of the file.</summary>
public sealed record JsonFormat : FileFormat
{
    /// <summary>The file's encoding.</summary>
    public required string Encoding { get; init; }

    /// <summary>How certain the detected encoding is, from 0 to 1; null if the caller gave it.</summary>
    public double? EncodingConfidence { get; init; }

    /// <summary>Places in the file that are not text in the encoding.</summary>
    public long Undecodable { get; init; }

    /// <summary>The file begins with a byte order mark.</summary>
    public bool HasBom { get; init; }

    /// <summary>The line endings at the file's beginning.</summary>
    public string LineEnding { get; init; } = "lf";

    /// <summary><c>none</c> or <c>gzip</c>. The table itself is not compressed.</summary>
    public string FileCompression { get; init; } = "none";

    /// <summary>The number of columns, also if the last ones have no name.</summary>
    public int Width { get; init; }

    internal override int MinColumns => Width;

    // The rows are not compared with the header: a row ends with its last value.
    private CsvFormat Table => new()
    {
        Encoding = TextEncodings.Utf8,
        Delimiter = ',',
        HasHeader = HasHeader,
        IsFailedRows = IsFailedRows,
        Origin = new TableOrigin("", 0),
    };

    public override FileDescription Describe() => new(
        Encoding,
        ",",
        LineEnding,
        FileCompression,
        HasBom,
        HasHeader,
        null,
        "\"",
        "\"",
        RaggedRows.Pad,
        EncodingConfidence,
        Undecodable,
        null);

    internal override async Task<RowReader> OpenAsync(Stream file, CancellationToken cancellationToken) =>
        new JsonRows(await Table.OpenAsync(file, cancellationToken));

    internal override byte[][] SplitRecord(ReadOnlyMemory<byte> record)
    {
        var cells = Table.SplitRecord(record);
        if (cells.Length < 2) return [.. cells.Select(_ => Array.Empty<byte>())];
        return JsonRows.IsFault(cells[0]) ? [cells.Length > JsonRows.TextCell ? cells[JsonRows.TextCell] : []] : cells[1..];
    }

    internal override byte[][] KeepCells(ReadOnlyMemory<byte> record, string code)
    {
        if (record.Length < FileLimits.MaxRawBytes && SplitRecord(record) is { Length: > 0 } cells) return cells;
        return [record[(record.Span.IndexOf((byte)',') + 1)..Math.Min(record.Length, FileLimits.MaxRawBytes)].ToArray()];
    }
}
