using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports;

/// <summary>Something to know of a cell of a sample row.</summary>
/// <param name="Column">The column's name; null for a constant, or if the whole row is at fault.</param>
/// <param name="Field">The field that the column fills.</param>
/// <param name="Code">A stable word.</param>
/// <param name="Message">The reason in words for people.</param>
/// <param name="Value">The text that the field was given.</param>
public sealed record SampleCell(string? Column, string? Field, string Code, string Message, string? Value);

/// <summary>A row of a file as an import would read it.</summary>
/// <param name="RowNumber">The number among the data records, from 1.</param>
/// <param name="LineNumber">The physical line of the file, from 1.</param>
/// <param name="Values">Field key to the value as it would be stored; null where it is blank. Tags are joined by commas.</param>
/// <param name="Errors">The cells for which the row would fail, whatever the records are.</param>
/// <param name="Warnings">The cells that would not be taken whole.</param>
public sealed record SampleRow(
    long RowNumber, long LineNumber, IReadOnlyDictionary<string, string?> Values, IReadOnlyList<SampleCell> Errors,
    IReadOnlyList<SampleCell> Warnings);

/// <summary>
/// Reads the first rows of a file with the settings of an import: transforms, value maps, defaults and constants are applied.
/// </summary>
public sealed class SampleRows
{
    private readonly ImportPlan _plan;
    private readonly MappedColumn[] _columns;
    private readonly byte[] _delimiter;

    /// <param name="type">The record type.</param>
    /// <param name="spec">The settings.</param>
    /// <param name="headers">The file's columns.</param>
    public SampleRows(RecordType type, ImportSpec spec, IReadOnlyList<string> headers)
    {
        _plan = new ImportPlan(type, spec with { DryRun = true }, headers);
        _delimiter = Encoding.UTF8.GetBytes(spec.TagDelimiter);
        _columns = [.. _plan.AllColumns.OrderBy(column => column.Place)];
    }

    /// <summary>Reads the rows. No record is looked up.</summary>
    /// <param name="format">How the file is read.</param>
    /// <param name="file">Opens the file.</param>
    /// <param name="count">The most rows.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<IReadOnlyList<SampleRow>> ReadAsync(
        FileFormat format, OpenFile file, int count, CancellationToken cancellationToken)
    {
        await using var rows = ShapedRows.Of(await format.OpenRowsAsync(file, cancellationToken), _plan.Shape);
        List<SampleRow> samples = [];
        while (samples.Count < count && await rows.ReadAsync(cancellationToken)) samples.Add(Read(rows));
        return samples;
    }

    private SampleRow Read(RowReader rows)
    {
        Dictionary<string, string?> values = [];
        List<SampleCell> errors = [];
        List<SampleCell> warnings = [];
        if (rows.Fault is { } broken) errors.Add(new SampleCell(null, null, broken.Code, broken.Message, null));
        foreach (var column in rows.Fault is null ? _columns : [])
        {
            var fault = ReadValue(rows, column, out var value, out var isGood);
            values[column.Field.Key] = value;
            if (fault is null) continue;
            var shown = ShownValue.Of(rows[column.Index]);
            (isGood ? warnings : errors).Add(new SampleCell(column.Name, column.Field.Key, fault.Code, fault.Message, shown));
        }

        return new SampleRow(rows.RowNumber, rows.LineNumber, values, errors, warnings);
    }

    private Fault? ReadValue(RowReader rows, MappedColumn column, out string? value, out bool isGood)
    {
        if (column.Field.Type.IsList)
        {
            using TagCell tags = new();
            var odd = TupleEncoder.ReadTags(tags, rows[column.Index], _plan.Cells, _delimiter);
            isGood = odd is null;
            List<string> names = [];
            foreach (var name in tags.Names) names.Add(Encoding.UTF8.GetString(name));
            value = isGood && names.Count > 0 ? string.Join(", ", names) : null;
            return odd;
        }

        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        isGood = TupleEncoder.TryRead(rows, column, scratch, out var stored, out var fault);
        value = isGood && !stored.IsEmpty ? Encoding.UTF8.GetString(stored) : null;
        return fault;
    }
}
