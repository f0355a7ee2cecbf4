using System.Text;
using System.Text.Json.Serialization;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Tables;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Something in the file that a person should check before the import.</summary>
/// <param name="Code">A row error code, or <c>duplicate_header</c>, <c>empty_header</c>, <c>long_header</c>,
/// <c>ambiguous_dates</c>.</param>
/// <param name="Line">The physical line of the first case, from 1.</param>
/// <param name="Count">The number of cases.</param>
/// <param name="Message">A message for people.</param>
/// <param name="Column">The column's name, if the warning is about one column.</param>
public sealed record FileWarning(
    string Code,
    long Line,
    long Count,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Column = null);

/// <summary>The contents of a file, found by reading all of it once.</summary>
/// <param name="Format">The format of the file.</param>
/// <param name="Headers">Column names, trimmed and made unique; <c>Column 1</c>… if there are none.</param>
/// <param name="SampleRows">The first readable rows, at most ten. Cells are strings, one for each column.</param>
/// <param name="TotalRows">The exact number of rows, including failed ones.</param>
/// <param name="Warnings">The warnings by code, at most one each.</param>
/// <param name="Forms">For each column: how its dates and numbers are written.</param>
/// <param name="Separators">For each column: what separates several values in a cell.</param>
/// <param name="Values">For each column: its different values, if they were to be counted.</param>
public sealed record FilePreview(
    FileFormat Format,
    IReadOnlyList<string> Headers,
    IReadOnlyList<string[]> SampleRows,
    long TotalRows,
    IReadOnlyList<FileWarning> Warnings,
    IReadOnlyList<ColumnForms> Forms,
    IReadOnlyList<CellSeparators> Separators,
    IReadOnlyList<ColumnValues> Values)
{
    private const int MaxSampleRows = 10;
    private const int MaxSampleCell = 500;
    private const int MaxHeaderLength = 200;
    private const int CancellationRows = 1_000;

    /// <summary>Reads the whole file with bounded memory.</summary>
    /// <param name="file">Opens the file.</param>
    /// <param name="overrides">What the caller says about it.</param>
    /// <param name="names">Tells the names of fields, if the record type is known.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="markers">Cells that may stand for no value, which are counted in <see cref="Forms"/>.</param>
    /// <param name="countsValues">Whether <see cref="Values"/> are counted.</param>
    /// <param name="maxRows">A file with more rows is refused, and not read to its end.</param>
    /// <param name="table">What is known of the file, if Driftwood made it of another one.</param>
    /// <exception cref="UnreadableFileException">The file is empty, is not text, or has too few or too many columns or rows.</exception>
    public static async Task<FilePreview> ReadAsync(
        OpenFile file, FileOverrides overrides, KnownNames? names, CancellationToken cancellationToken,
        NullMarkers? markers = null, bool countsValues = false, long maxRows = long.MaxValue, ConvertedTable? table = null)
    {
        var detected = await FileFormats.DetectAsync(file, overrides, names, table, cancellationToken);
        var (preview, better) = await ReadAsync(detected.Format);
        // All rows may show a habit that the beginning of the file does not. They are then read once more in the right way.
        if (better is null) return preview;
        return (await ReadAsync(better)).Preview;

        Task<(FilePreview Preview, FileFormat? Better)> ReadAsync(FileFormat format) =>
            ReadAllAsync(file, format, overrides, detected.Notes, markers, countsValues, maxRows, cancellationToken);
    }

    private static async Task<(FilePreview Preview, FileFormat? Better)> ReadAllAsync(
        OpenFile file, FileFormat format, FileOverrides overrides, IReadOnlyList<DetectionNote> notes, NullMarkers? markers,
        bool countsValues, long maxRows, CancellationToken cancellationToken)
    {
        var warnings = new WarningList();
        foreach (var note in notes) warnings.Add(note.Code, note.Line, note.Message, note.Count);
        (var headers, format) = await ReadHeadersAsync(file, format, warnings, cancellationToken);
        var forms = Array.ConvertAll(headers, _ => new ColumnForms());
        var separators = Array.ConvertAll(headers, _ => new CellSeparators());
        var values = Array.ConvertAll(headers, _ => new ColumnValues());
        List<string[]> samples = [];
        var total = 0L;
        var doubts = format.NewDoubts(overrides);
        await using var rows = await format.OpenRowsAsync(file, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            // A file in memory or in the system's cache is read without ever waiting, so nothing else looks at the token.
            if (total++ % CancellationRows == 0) cancellationToken.ThrowIfCancellationRequested();
            if (total > maxRows)
                throw new UnreadableFileException("too_many_rows", $"The file has more than the {maxRows} rows that an import may have.");
            doubts?.Add(rows);
            RowWarnings.Add(warnings, rows, format);
            if (rows.Fault is not null) continue;
            if (samples.Count < MaxSampleRows) samples.Add(Sample(rows, headers.Length));
            for (var i = 0; i < forms.Length; i++)
            {
                forms[i].Add(rows[i], rows.LineNumber, markers);
                separators[i].Add(rows[i]);
                if (countsValues) values[i].Add(rows[i]);
            }
        }

        return (new FilePreview(format, headers, samples, total, warnings.ToList(), forms, separators, values), doubts?.Better());
    }

    private static async Task<(string[] Names, FileFormat Format)> ReadHeadersAsync(
        OpenFile file, FileFormat format, WarningList warnings, CancellationToken cancellationToken)
    {
        await using var rows = await format.OpenAsync(await file(cancellationToken), cancellationToken);
        if (!await rows.ReadAsync(cancellationToken)) throw new UnreadableFileException("empty_file", "The file has no rows.");
        if (rows.Fault is { } fault)
        {
            throw new UnreadableFileException(
                "unreadable_header", $"Line {rows.LineNumber}, which should name the columns, cannot be read: {fault.Message}");
        }

        if (rows.FieldCount > FileLimits.MaxColumns)
        {
            throw new UnreadableFileException(
                "too_many_columns", $"Line {rows.LineNumber} has {rows.FieldCount} columns; at most {FileLimits.MaxColumns} are read.");
        }

        if (format.HasHeader) RowWarnings.Add(warnings, rows, format);
        var names = new string[Math.Max(rows.FieldCount, format.MinColumns)];
        for (var i = 0; i < names.Length; i++) names[i] = format.HasHeader && i < rows.FieldCount ? Encoding.UTF8.GetString(rows[i]) : "";
        var isFailedRows = FailedRowsCsv.Is(names);
        for (var i = 0; i < rows.FieldCount && isFailedRows; i++) names[i] = Encoding.UTF8.GetString(FormulaGuard.Remove(rows[i]));
        return (
            UniqueNames(names, format.HasHeader ? rows.LineNumber : 0, warnings),
            format with { ColumnCount = names.Length, IsFailedRows = isFailedRows });
    }

    private static string[] UniqueNames(string[] names, long line, WarningList warnings)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            var name = HeaderText.Clean(names[i]);
            if (name.Length > MaxHeaderLength)
            {
                name = name[..(char.IsHighSurrogate(name[MaxHeaderLength - 1]) ? MaxHeaderLength - 1 : MaxHeaderLength)];
                if (line > 0)
                {
                    warnings.Append(
                        "long_header", line,
                        FormattableString.Invariant(
                        $"The name of column {i + 1} is longer than {MaxHeaderLength} characters; it is called by those it begins with."));
                }
            }

            if (name.Length == 0)
            {
                name = FormattableString.Invariant($"Column {i + 1}");
                if (line > 0) warnings.Append("empty_header", line, $"Column {i + 1} has no name; it is called {name}.");
            }

            var unique = name;
            for (var n = 2; !seen.Add(unique); n++) unique = FormattableString.Invariant($"{name} ({n})");
            if (unique != name)
            {
                warnings.Append("duplicate_header", line, $"More than one column is named {name}; column {i + 1} is called {unique}.");
            }
            names[i] = unique;
        }

        return names;
    }

    private static string[] Sample(RowReader rows, int columns)
    {
        var cells = new string[columns];
        for (var i = 0; i < columns; i++)
        {
            var text = i < rows.FieldCount ? Encoding.UTF8.GetString(rows[i]) : "";
            if (text.Length > MaxSampleCell)
            {
                text = text[..(char.IsHighSurrogate(text[MaxSampleCell - 1]) ? MaxSampleCell - 1 : MaxSampleCell)] + "…";
            }
            cells[i] = text;
        }

        return cells;
    }
}
