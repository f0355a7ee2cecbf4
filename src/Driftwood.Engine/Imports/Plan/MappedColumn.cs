using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>A mapped column: its place in the file and the field that it fills.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Name">The column's name.</param>
/// <param name="Field">The field that it fills.</param>
internal sealed record MappedColumn(int Index, string Name, Field Field);
