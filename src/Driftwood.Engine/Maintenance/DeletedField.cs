using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Maintenance;

/// <summary>A custom field that nobody sees any more, but whose values and keys are still stored.</summary>
/// <param name="Type">Its record type, without custom fields.</param>
/// <param name="Id">The <c>field_id</c> of its keys in <c>unique_values</c>.</param>
/// <param name="Slot">The key of its values in the records' <c>custom</c>.</param>
internal sealed record DeletedField(RecordType Type, Guid Id, int Slot);
