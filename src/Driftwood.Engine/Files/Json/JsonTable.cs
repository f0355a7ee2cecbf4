using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Json;

/// <summary>
/// Makes a table of delimited text of a JSON file, in two readings and with bounded memory: the first one finds the columns. The table is
/// read by <see cref="JsonRows"/>.
/// </summary>
internal static class JsonTable
{
    private const int CancellationRows = 1_000;

    /// <summary>Bytes of delimited text in which the text of a record that is no row has room, with line, code and message.</summary>
    private const int MaxTextBytes = FileLimits.MaxRawBytes - 4_000;

    /// <summary>Writes a file as delimited text.</summary>
    /// <param name="file">Opens the file.</param>
    /// <param name="overrides">What the caller says about it.</param>
    /// <param name="output">Takes the text.</param>
    /// <param name="maxBytes">More text is refused.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Null if the file is no JSON. Nothing was written then.</returns>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    public static async Task<ConvertedTable?> WriteAsync(
        OpenFile file, FileOverrides overrides, Stream output, long maxBytes, CancellationToken cancellationToken)
    {
        var text = await CsvDetector.DetectTextAsync(file, overrides, cancellationToken);
        if (JsonForms.Of(text.Start.Span, text.IsWhole) is not { } form) return null;
        async Task<JsonRecords> OpenAsync()
        {
            var source = await Utf8Source.OpenAsync(await file(cancellationToken), text.Format, cancellationToken);
            return form == JsonForm.Array ? new JsonArray(source) : new JsonLines(source);
        }

        JsonColumns columns;
        List<DetectionNote> notes = [.. text.Notes];
        await using (var records = await OpenAsync())
        {
            columns = await FindColumnsAsync(records, form, notes, cancellationToken);
        }

        await using (var records = await OpenAsync())
        {
            await WriteAsync(records, columns, new TableWriter(output, maxBytes), cancellationToken);
        }

        var format = new JsonFormat
        {
            Encoding = text.Format.Encoding,
            EncodingConfidence = text.Format.EncodingConfidence,
            Undecodable = text.Format.Undecodable,
            HasBom = text.Format.HasBom,
            LineEnding = CsvDetector.LineEnding(text.Start.Span),
            FileCompression = text.Format.Compression,
            Width = columns.Paths.Count,
        };
        return new ConvertedTable { Format = format, Notes = notes };
    }

    private static async Task<JsonColumns> FindColumnsAsync(
        JsonRecords records, JsonForm form, List<DetectionNote> notes, CancellationToken cancellationToken)
    {
        var columns = new JsonColumns();
        var row = new JsonRow(columns);
        var (count, nested) = (0L, (Line: 0L, Count: 0L, Path: ""));
        (long Line, Fault Fault)? first = null;
        while (await records.ReadAsync(cancellationToken))
        {
            if (count++ % CancellationRows == 0) cancellationToken.ThrowIfCancellationRequested();
            var known = columns.Paths.Count;
            if (row.Read(records) is { } fault)
            {
                if (form == JsonForm.Array && fault.Code == "broken_json")
                    throw JsonFault.Broken(records.Line, $"what begins there is no object of JSON. {fault.Message}");
                first ??= (records.Line, fault);
                columns.CutTo(known);
                continue;
            }

            columns.Note(row.Cells);
            if (columns.Paths.Count > FileLimits.MaxColumns)
            {
                throw new UnreadableFileException("too_many_columns", FormattableString.Invariant(
                    $"Up to line {records.Line}, the objects have {columns.Paths.Count} different members; ")
                    + FormattableString.Invariant($"at most {FileLimits.MaxColumns} are read."));
            }

            if (row.Nested is { } path) nested = nested.Count == 0 ? (records.Line, 1, path) : nested with { Count = nested.Count + 1 };
        }

        columns.Close();
        if (columns.Paths.Count == 0) throw Empty(count, first);
        if (nested.Count > 0) notes.Add(Nested(nested.Line, nested.Count, nested.Path));
        return columns;
    }

    private static async Task WriteAsync(
        JsonRecords records, JsonColumns columns, TableWriter writer, CancellationToken cancellationToken)
    {
        var row = new JsonRow(columns);
        var number = 1L;
        var cells = new string?[columns.Paths.Count + JsonRows.TextCell];
        writer.Write(number, ["1", .. columns.Paths]);
        while (await records.ReadAsync(cancellationToken))
        {
            if (row.Read(records) is { } fault)
            {
                cells[0] = JsonRows.FaultOf(records.Line, fault.Code);
                cells[1] = fault.Message;
                cells[JsonRows.TextCell] = Shown(records.Record.Span);
                writer.Write(++number, cells.AsSpan(0, JsonRows.TextCell + 1));
            }
            else
            {
                cells[0] = FormattableString.Invariant($"{records.Line}");
                row.Cells.CopyTo(cells.AsSpan(1));
                writer.Write(++number, cells.AsSpan(0, row.Cells.Length + 1));
            }

            if (writer.IsFull) await writer.FlushAsync(cancellationToken);
            if (number % CancellationRows == 0) cancellationToken.ThrowIfCancellationRequested();
        }

        await writer.FlushAsync(cancellationToken);
    }

    private static UnreadableFileException Empty(long records, (long Line, Fault Fault)? first)
    {
        if (records == 0) return new UnreadableFileException("no_rows", "The file has no objects.");
        return first is { } found
            ? JsonFault.Broken(found.Line, $"nothing in the file is an object that can be read. {found.Fault.Message}")
            : new UnreadableFileException("no_rows", "The objects of the file have no members.");
    }

    private static DetectionNote Nested(long line, long count, string path) => new(
        "nested_values", line, count,
        $"Members such as {JsonFault.Shown(path)} hold lists of objects, or objects inside too many others. Their cells are text of JSON.");

    // The beginning of a record's text that has room where failed rows are kept.
    private static string Shown(ReadOnlySpan<byte> record)
    {
        var (length, size) = (0, 0);
        for (; length < record.Length && size < MaxTextBytes; length++) size += record[length] == '"' ? 2 : 1;
        while (length < record.Length && length > 0 && (record[length] & 0xC0) == 0x80) length--;
        return Encoding.UTF8.GetString(record[..length]);
    }
}
