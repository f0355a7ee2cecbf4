using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Queries;

/// <summary>The fields of deleted records, as filters know them.</summary>
public static class DeletedFields
{
    private static readonly Field[] Deletion =
    [
        new("deleted_at", "Deleted At", FieldKind.DateTime) { MaxLength = 0, Required = true },
        new("deleted_by", "Deleted By", FieldKind.Reference) { MaxLength = 0, Required = true },
        new("deleted_by_job", "Deleted By Job", FieldKind.Reference) { MaxLength = 0 },
    ];

    // The change log does not keep the stamps of a record's last change.
    private static readonly Field[] Stamps =
        [.. Deletion, .. RecordType.Stamps.Where(stamp => stamp.Key.StartsWith("created_", StringComparison.Ordinal)), .. RecordType.Jobs];

    /// <summary>
    /// The same type as a filter on deleted records sees it: with when, by whom and by which job a record was deleted. Deleted records hold
    /// no unique values, so those of custom fields are compared as they are written.
    /// </summary>
    public static RecordType WithDeletion(this RecordType type) => type with
    {
        Fields = [.. type.Fields.Select(field => field with { UniqueId = null })],
        OwnFields = Stamps,
    };

    /// <summary>Whether a filter can be decided without what a record held.</summary>
    internal static bool AreAllOfDeletion(Filter filter) => filter switch
    {
        And and => and.Conditions.All(AreAllOfDeletion),
        Or or => or.Conditions.All(AreAllOfDeletion),
        Not not => AreAllOfDeletion(not.Condition),
        Comparison comparison => Deletion.Contains(comparison.Field),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "Not a kind of filter."),
    };
}
