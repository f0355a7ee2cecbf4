using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Maintenance;

/// <summary>A custom field that is gone for everybody but for what it left behind.</summary>
/// <param name="Type">The record type it was of, without custom fields.</param>
/// <param name="Id">What its keys stand under in <c>unique_values</c>.</param>
/// <param name="Slot">What its values stand under in the records' <c>custom</c>.</param>
internal sealed record DeletedField(RecordType Type, Guid Id, int Slot);
