namespace Driftwood.Engine.Records;

/// <summary>A part of a list of records; it may be shorter than was asked for although there are more.</summary>
public sealed record RecordPage(IReadOnlyList<StoredRecord> Records, bool HasMore);
