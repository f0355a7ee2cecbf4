using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Store;

/// <summary>A value that prevents a field from becoming unique.</summary>
/// <param name="Value">The value in the first record's spelling; only the first 256 characters if it is too long.</param>
/// <param name="Records">The number of records with the value, compared like unique values.</param>
/// <param name="RecordIds">The first of these records, at most <see cref="UniqueValues.MaxListedIds"/>.</param>
/// <param name="IsTooLong">
/// True: the value has more than <see cref="CustomFields.MaxUniqueLength"/> characters. False: several records have it.
/// </param>
public sealed record UniqueConflict(string Value, long Records, IReadOnlyList<Guid> RecordIds, bool IsTooLong);
