using System.Text;
using Driftwood.Engine.Files.Streams;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Csv;

/// <summary>A physical record at the beginning of a file, as the detection looks at it. A blank line is a record too.</summary>
/// <param name="Line">The physical line, from 1.</param>
/// <param name="Cells">Its cells, trimmed.</param>
internal sealed record SampleRecord(long Line, string[] Cells)
{
    private const int Most = 500;

    /// <summary>Cells up to the last one that is not blank.</summary>
    public int Width { get; } = Array.FindLastIndex(Cells, cell => cell.Length > 0) + 1;

    /// <summary>Nothing but blanks and delimiters.</summary>
    public bool IsBlank => Width == 0;

    /// <summary>Splits the beginning of a text, behind its <c>sep=</c> line. A record that the sample cuts off is left out.</summary>
    public static async Task<List<SampleRecord>> ReadAsync(
        ReadOnlyMemory<byte> text, bool isWhole, CsvFormat format, CancellationToken cancellationToken)
    {
        await using var source = new ReplayStream(new PrefixedStream(text, Stream.Null));
        using var careful = new CarefulText(source, format);
        if (format.HasSeparatorLine) careful.Start(0, 2);
        List<SampleRecord> records = [];
        while (records.Count < Most && await careful.ReadAsync(cancellationToken))
        {
            if (!isWhole && careful.Offset == text.Length && records.Count > 0) break;
            var cells = new string[Math.Max(1, careful.CellCount)];
            for (var i = 0; i < careful.CellCount; i++) cells[i] = Text(careful.Cell(i));
            if (careful.CellCount == 0) cells[0] = Text(careful.Raw);
            records.Add(new SampleRecord(careful.LineNumber, cells));
        }

        return records;
    }

    private static string Text(ReadOnlySpan<byte> cell) => Blank.Trim(Encoding.UTF8.GetString(cell));
}
