using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// The result of a write: the new state of the record, or the faults. With neither, the account has no such record.
/// </summary>
public sealed record RecordWrite(StoredRecord? Record, IReadOnlyList<Fault> Faults)
{
    internal static RecordWrite NotFound { get; } = new(null, []);

    /// <summary>The account has no such record.</summary>
    public bool IsMissing => Record is null && Faults.Count == 0;

    internal static RecordWrite Refused(params IReadOnlyList<Fault> faults) => new(null, faults);
}
