using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Store;

/// <summary>A value that keeps a field from becoming unique.</summary>
/// <param name="Value">As the first of the records has it; of a value that is too long, its first 256 characters.</param>
/// <param name="Records">How many records have it, compared as unique values are.</param>
/// <param name="RecordIds">The first of them, at most <see cref="UniqueValues.MaxListedIds"/>.</param>
/// <param name="IsTooLong">
/// Set: it has more than <see cref="CustomFields.MaxUniqueLength"/> characters; else several records have it.
/// </param>
public sealed record UniqueConflict(string Value, long Records, IReadOnlyList<Guid> RecordIds, bool IsTooLong);
