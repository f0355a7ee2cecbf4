using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Queries;

/// <summary>Selects and orders records of an account. Lists, counts and bulk jobs use it.</summary>
/// <param name="Type">The type of all the records.</param>
/// <param name="Filter">Null selects every record.</param>
public sealed record RecordQuery(RecordType Type, Filter? Filter = null)
{
    /// <summary>The sort field. Blank records come last; records with equal values are sorted by id.</summary>
    public Field OrderBy { get; init; } = RecordType.Id;

    /// <summary>Greatest first. Ids grow with time, so this is newest first when the sort field is the id.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>The fields of a type that records can be sorted by: all except tags and jobs.</summary>
    public static IEnumerable<Field> SortFields(RecordType type) =>
        FilterFields.All(type).Where(field => field is { Type.IsList: false, IsInChangeLog: false });
}

/// <summary>A record's place in a sorted list.</summary>
/// <param name="Value">The value of the sort field, as text of the database; null when it is blank.</param>
/// <param name="Id">The record's id.</param>
public sealed record RecordPlace(string? Value, Guid Id);

/// <summary>A part of a list of records. It may be shorter than requested even if more records follow.</summary>
/// <param name="Records">The records in the requested order.</param>
/// <param name="Last">The place of the last record when more may follow; null at the end of the list.</param>
public sealed record RecordPage(IReadOnlyList<StoredRecord> Records, RecordPlace? Last);

/// <summary>A query took longer than its time limit.</summary>
public sealed class RecordQueryTimeoutException(TimeSpan limit) : Exception(
    FormattableString.Invariant($"The query took longer than {limit.TotalSeconds:0.#} s. ")
    + "Narrow it by a field that is found fast: tags, created_at, updated_at, or one that records are matched on.");
