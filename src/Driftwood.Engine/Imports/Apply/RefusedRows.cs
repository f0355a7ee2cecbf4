using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>Explains why SQL refused a staged row or applied it with a warning, and shows the cell as it is in the file.</summary>
internal sealed class RefusedRows(ImportPlan plan, FileFormat format)
{
    /// <summary>Adds to <see cref="ImportChunk.Refused"/> the rows of a wave that SQL has refused.</summary>
    public async Task CollectAsync(Wave wave, ImportChunk chunk, CancellationToken cancellationToken)
    {
        await using var command = wave.Command(ImportStatements.Faults);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = chunk.Staged[reader.GetInt32(0)];
            var field = reader.IsDBNull(2) ? null : reader.GetString(2);
            var column = plan.Columns.Append(plan.Tags).FirstOrDefault(column => column?.Field.Key == field);
            var raw = chunk.RawOf(row);
            var fault = FaultOf(reader.GetString(1), field, column?.By);
            var value = column is null ? null : Cell(raw, column.Index);
            var cell = new BadCell(column?.Name, field == CheckSql.AnyOf ? null : field, fault, value);
            chunk.Refused.Add(new FailedRow(row.RowNumber, row.LineNumber, [cell], raw));
        }
    }

    /// <summary>The warning for a row that is not linked with the company it names.</summary>
    public WarnedRow Warn(ImportChunk chunk, UnlinkedRow unlinked)
    {
        var row = chunk.Staged[unlinked.Row.Seq];
        var company = plan.Company!;
        var cells = format.SplitRecord(chunk.RawOf(row));
        var column = unlinked.Row.NameKey is not null ? company.Name! : company.Hosts.FirstOrDefault(IsFilled) ?? company.Email!;
        var value = ShownValue.Of(plan.Shape.CellOf(cells, column.Index));
        var cell = new BadCell(column.Name, column.Field.Key, unlinked.Fault, value);
        return new WarnedRow(row.RowNumber, row.LineNumber, [cell]);

        bool IsFilled(MappedColumn host) => !CellText.IsBlank(plan.Shape.CellOf(cells, host.Index), isDate: false, host.Cells);
    }

    private Fault FaultOf(string code, string? field, Field? by)
    {
        var label = field is null ? null : plan.Type.Find(field)?.Label;
        return new Fault(code, code switch
        {
            "ambiguous_match" when by is not null => $"Several of the {TargetOf(field)} have this {by.Label}; name them by another field.",
            "not_found" when by is not null => $"None of the {TargetOf(field)} has this {by.Label}.",
            "ambiguous_match" => $"Several records have this {label}; match on a field whose values are unique.",
            "duplicate_value" => $"Another record already has this {label}.",
            "required" when field == CheckSql.AnyOf => $"A record needs at least one of {string.Join(", ", plan.Type.AnyOf)}.",
            "required" => $"A record cannot be without a {label}.",
            "not_found" => field == "id" ? "No record has this ID." : $"No record of this account has this {label}.",
            "too_long" => $"The record would have more than {TagSet.MaxTags} tags.",
            _ => code,
        });
    }

    private string? TargetOf(string? field) => plan.Type.Find(field!)?.Target;

    // A record that failed in SQL is parsed again to show the cell.
    private string Cell(ReadOnlyMemory<byte> raw, int index) => ShownValue.Of(plan.Shape.CellOf(format.SplitRecord(raw), index));
}
