using Driftwood.Engine.Records.FieldKinds;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Types;

/// <summary>Custom fields as the engine sees them.</summary>
public static class CustomFields
{
    /// <summary>Characters of a unique value: what surely fits into an index entry.</summary>
    public const int MaxUniqueLength = 255;

    private const int MaxTextLength = 10_000;

    /// <summary>The kinds a custom field can be of, as the API spells them.</summary>
    public static IReadOnlyDictionary<string, FieldKind> Kinds { get; } = new Dictionary<string, FieldKind>
    {
        ["text"] = FieldKind.Text,
        ["integer"] = FieldKind.Integer,
        ["decimal"] = FieldKind.Decimal,
        ["boolean"] = FieldKind.Boolean,
        ["date"] = FieldKind.Date,
        ["datetime"] = FieldKind.DateTime,
        ["url"] = FieldKind.Url,
        ["email"] = FieldKind.Email,
        ["phone"] = FieldKind.Phone,
        ["choice"] = FieldKind.Choice,
        ["tags"] = FieldKind.Tags,
    };

    /// <summary>Whether no two records may share a value of this kind, if users wish so: all but yes or no and lists.</summary>
    public static bool CanBeUnique(FieldKind kind) => kind is not (FieldKind.Boolean or FieldKind.Tags);

    /// <summary>The field of a row of <c>fields</c>.</summary>
    /// <param name="id">Its id, under which the keys of unique values stand.</param>
    /// <param name="slot">From 1; unique in its record type for all time.</param>
    /// <param name="key">The API's name.</param>
    /// <param name="label">What people read.</param>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public static Field Make(Guid id, int slot, string key, string label, FieldKind kind, bool required, bool unique, IReadOnlyList<string> options) =>
        new(key, label, kind)
        {
            Slot = slot,
            MaxLength = unique ? Math.Min(MaxLengthOf(kind), MaxUniqueLength) : MaxLengthOf(kind),
            Required = required,
            Unique = unique,
            UniqueId = unique ? id : null,
            MatchKey = unique ? MatchKeyOf(kind) : null,
            Options = options,
        };

    private static int MaxLengthOf(FieldKind kind) => kind switch
    {
        FieldKind.Text => MaxTextLength,
        FieldKind.Url => 2_048,
        FieldKind.Email => 320,
        FieldKind.Phone => 64,
        FieldKind.Choice => MaxUniqueLength,
        _ => 0,
    };

    private static MatchKeyKind MatchKeyOf(FieldKind kind) => kind switch
    {
        FieldKind.Email => MatchKeyKind.Email,
        FieldKind.Phone => MatchKeyKind.Phone,
        FieldKind.Decimal => MatchKeyKind.Number,
        _ => MatchKeyKind.Exact,
    };
}
