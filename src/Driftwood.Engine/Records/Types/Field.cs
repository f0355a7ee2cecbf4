using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using static System.FormattableString;

namespace Driftwood.Engine.Records.Types;

/// <summary>
/// One field of a record type: the one source for mapping, validation, SQL and the API's descriptions.
/// </summary>
/// <param name="Key">The API's name of the field and the column that holds it, snake_case.</param>
/// <param name="Label">What people read.</param>
/// <param name="Kind">How values are read.</param>
public sealed record Field(string Key, string Label, FieldKind Kind)
{
    /// <summary>Maximum Unicode scalar values of a value; 0 if the kind itself bounds them.</summary>
    public int MaxLength { get; init; } = 255;

    /// <summary>A record cannot be without it.</summary>
    public bool Required { get; init; }

    /// <summary>Driftwood writes it; callers read it and select by it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>No two records of an account share its (normalised) value.</summary>
    public bool Unique { get; init; }

    /// <summary>
    /// The number under which a custom field's values stand in a record's <c>custom</c>; null for a built-in field, which
    /// has a column. No other field of the type ever gets the same.
    /// </summary>
    public int? Slot { get; init; }

    /// <summary>
    /// The id of a unique field's keys in <c>unique_values</c>; null where a unique index of the table keeps them
    /// apart, or nothing does.
    /// </summary>
    public Guid? UniqueId { get; init; }

    /// <summary>The values of a <see cref="FieldKind.Choice"/> as they are stored.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>How its values are read, compared, stored and shown.</summary>
    public FieldType Type => FieldType.Of(Kind);

    /// <summary>Whether users defined it.</summary>
    public bool IsCustom => Slot is not null;

    /// <summary>The place of the value in a record's JSON: custom values are in an object of their own.</summary>
    public string Path => IsCustom ? "custom." + Key : Key;

    /// <summary>Whether it is the record's own tags, and not a custom field of that kind.</summary>
    public bool IsTags => Type.IsList && !IsCustom;

    /// <summary>Set where the field can be matched on; its key is stored in <see cref="KeyColumn"/> or in <c>unique_values</c>.</summary>
    public MatchKeyKind? MatchKey { get; init; }

    /// <summary>The record type that a <see cref="FieldKind.Reference"/> points to.</summary>
    public string? Target { get; init; }

    /// <summary>Other names under which columns of this field are seen, letters and digits only, lower case.</summary>
    public string[] Synonyms { get; init; } = [];

    /// <summary>The column of the stored match key, or null.</summary>
    public string? KeyColumn => MatchKey is null || IsCustom ? null : Key + "_key";

    /// <summary>The SQL type of the value.</summary>
    public string SqlType => Type.SqlType;

    /// <summary>
    /// The SQL of the value in a row of the record's table: its column, or for a custom field its place in <c>custom</c>,
    /// typed; custom tags are text[] like the record's own. Null where the field is blank, empty for blank record tags.
    /// </summary>
    public string ValueSql(string row) => this switch
    {
        { Slot: null } => $"{row}.{Key}",
        { Type.IsList: true } => TagsSql(row),
        _ when SqlType == "text" => Invariant($"({row}.custom ->> '{Slot}')"),
        _ => Invariant($"({row}.custom ->> '{Slot}')::{SqlType}"),
    };

    private string TagsSql(string row) =>
        Invariant($"(select array_agg(t.tag) from jsonb_array_elements_text({row}.custom -> '{Slot}' -> 'names') as t(tag))");
}
