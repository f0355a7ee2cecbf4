using Driftwood.Engine.Records.FieldTypes;

namespace Driftwood.Engine.Records.Types;

/// <summary>The kinds and limits of custom fields, and the fields made from their rows.</summary>
public static class CustomFields
{
    /// <summary>Maximum characters of a unique value. A value of this length always fits into an index entry.</summary>
    public const int MaxUniqueLength = 255;

    /// <summary>The kinds of custom fields, by their names in the API.</summary>
    public static IReadOnlyDictionary<string, FieldKind> Kinds { get; } =
        FieldType.All.Where(type => type.CanBeCustom).ToDictionary(type => type.Name, type => type.Kind);

    /// <summary>Makes the field of a row of <c>fields</c>.</summary>
    /// <param name="id">The field's id. The keys of unique values are stored under it.</param>
    /// <param name="slot">From 1. No other field of the record type ever gets it.</param>
    /// <param name="key">The API's name.</param>
    /// <param name="label">The name for people.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public static Field Make(
        Guid id, int slot, string key, string label, FieldKind kind, bool required, bool unique, IReadOnlyList<string> options) =>
        new(key, label, kind)
        {
            Slot = slot,
            MaxLength = unique ? Math.Min(FieldType.Of(kind).MaxLength, MaxUniqueLength) : FieldType.Of(kind).MaxLength,
            Required = required,
            Unique = unique,
            UniqueId = unique ? id : null,
            MatchKey = unique ? FieldType.Of(kind).UniqueKey : null,
            Options = options,
        };
}
