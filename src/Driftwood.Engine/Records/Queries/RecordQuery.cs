using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Queries;

/// <summary>Which records of an account, and in which order: what lists, counts and bulk jobs select by.</summary>
/// <param name="Type">Of all of them.</param>
/// <param name="Filter">Null selects every record.</param>
public sealed record RecordQuery(RecordType Type, Filter? Filter = null)
{
    /// <summary>The field that records are sorted by, blank ones last; records with equal values are in the order of their ids.</summary>
    public Field OrderBy { get; init; } = RecordType.Id;

    /// <summary>Greatest first. By id, which grows with time, that is newest first.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>The fields of a type that records can be sorted by: all but tags.</summary>
    public static IEnumerable<Field> SortFields(RecordType type) => FilterFields.All(type).Where(field => !field.Type.IsList);
}

/// <summary>A record's place in a sorted list.</summary>
/// <param name="Value">What it is sorted by, as text of the database; null where that is blank.</param>
/// <param name="Id">The record's.</param>
public sealed record RecordPlace(string? Value, Guid Id);

/// <summary>A part of a list of records; it may be shorter than was asked for although there are more.</summary>
/// <param name="Records">In the order asked for.</param>
/// <param name="Last">The place of the last of them where more may follow; null at the end of the list.</param>
public sealed record RecordPage(IReadOnlyList<StoredRecord> Records, RecordPlace? Last);

/// <summary>A query took longer than it may.</summary>
public sealed class RecordQueryTimeoutException(TimeSpan limit) : Exception(
    FormattableString.Invariant($"The query took longer than {limit.TotalSeconds:0.#} s. ")
    + "Narrow it by a field that is found fast: tags, created_at, updated_at, or one that records are matched on.");
