using Driftwood.Engine.Faults;
using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>A row that is applied, but not in all that it asks for.</summary>
/// <param name="RowNumber">Among the data records, from 1.</param>
/// <param name="LineNumber">Physical line, from 1.</param>
/// <param name="Column">The column at fault.</param>
/// <param name="Fault">Why.</param>
/// <param name="Value">The cell, as an error shows it.</param>
internal sealed record WarnedRow(long RowNumber, long LineNumber, MappedColumn Column, Fault Fault, string Value);
