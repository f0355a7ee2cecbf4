using Driftwood.Engine.Records.FieldTypes;

namespace Driftwood.Engine.Records.Types;

/// <summary>Custom fields as the engine sees them.</summary>
public static class CustomFields
{
    /// <summary>Characters of a unique value: what surely fits into an index entry.</summary>
    public const int MaxUniqueLength = 255;

    /// <summary>The kinds a custom field can be of, as the API spells them.</summary>
    public static IReadOnlyDictionary<string, FieldKind> Kinds { get; } =
        FieldType.All.Where(type => type.CanBeCustom).ToDictionary(type => type.Name, type => type.Kind);

    /// <summary>The field of a row of <c>fields</c>.</summary>
    /// <param name="id">Its id, under which the keys of unique values stand.</param>
    /// <param name="slot">From 1; unique in its record type for all time.</param>
    /// <param name="key">The API's name.</param>
    /// <param name="label">What people read.</param>
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
