using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>A cell that is at fault: the column's name, the field it fills, why, and its value as an error shows it.</summary>
internal sealed record BadCell(string? Column, string? Field, Fault Fault, string? Value);

/// <summary>A row that is not applied.</summary>
/// <param name="RowNumber">Among the data records, from 1.</param>
/// <param name="LineNumber">Physical line, from 1.</param>
/// <param name="Cells">The bad cells, the first bad column first; at least one.</param>
/// <param name="Raw">The record as it stands in the file; at most <see cref="Files.FileLimits.MaxRawBytes"/> are stored.</param>
internal sealed record FailedRow(long RowNumber, long LineNumber, IReadOnlyList<BadCell> Cells, ReadOnlyMemory<byte> Raw);

/// <summary>A row that is applied except for some of its cells.</summary>
/// <param name="RowNumber">Among the data records, from 1.</param>
/// <param name="LineNumber">Physical line, from 1.</param>
/// <param name="Cells">The cells, at least one.</param>
internal sealed record WarnedRow(long RowNumber, long LineNumber, IReadOnlyList<BadCell> Cells);
