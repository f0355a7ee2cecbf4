using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using static System.FormattableString;

namespace Driftwood.Engine.Records.Types;

/// <summary>
/// One field of a record type. Mapping, validation, SQL and the API's descriptions all use this definition.
/// </summary>
/// <param name="Key">The API's name of the field and the column that holds it, snake_case.</param>
/// <param name="Label">The name for people.</param>
/// <param name="Kind">The kind of its values.</param>
public sealed record Field(string Key, string Label, FieldKind Kind)
{
    /// <summary>Maximum Unicode scalar values of a value; 0 if the kind itself limits them.</summary>
    public int MaxLength { get; init; } = 255;

    /// <summary>Every record needs a value.</summary>
    public bool Required { get; init; }

    /// <summary>Driftwood writes the field. Callers can read it and select by it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The value stands in the change log and not in the record.</summary>
    public bool IsInChangeLog { get; init; }

    /// <summary>No two records of an account share its (normalised) value.</summary>
    public bool Unique { get; init; }

    /// <summary>
    /// The key of a custom field's values in a record's <c>custom</c>. No other field of the type ever gets the same slot. Null for a
    /// built-in field, which has a column.
    /// </summary>
    public int? Slot { get; init; }

    /// <summary>
    /// The id of a unique field's keys in <c>unique_values</c>. Null when a unique index of the table enforces uniqueness, or when
    /// the field is not unique.
    /// </summary>
    public Guid? UniqueId { get; init; }

    /// <summary>The values of a <see cref="FieldKind.Choice"/> in stored form.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Reads, compares, stores and shows the field's values.</summary>
    public FieldType Type => FieldType.Of(Kind);

    /// <summary>Whether users defined the field.</summary>
    public bool IsCustom => Slot is not null;

    /// <summary>The place of the value in a record's JSON. Custom values are in the object <c>custom</c>.</summary>
    public string Path => IsCustom ? "custom." + Key : Key;

    /// <summary>Whether the field holds the record's own tags. A custom field of that kind does not.</summary>
    public bool IsTags => Type.IsList && !IsCustom;

    /// <summary>Set if rows can be matched on the field. Its key is stored in <see cref="KeyColumn"/> or in <c>unique_values</c>.</summary>
    public MatchKeyKind? MatchKey { get; init; }

    /// <summary>The record type that a <see cref="FieldKind.Reference"/> points to.</summary>
    public string? Target { get; init; }

    /// <summary>
    /// The field of a company that a row of contacts fills under <see cref="Key"/>; null for a field of the record itself.
    /// </summary>
    public Field? OfCompany { get; init; }

    /// <summary>The column of the stored match key, or null.</summary>
    public string? KeyColumn => MatchKey is null || IsCustom ? null : Key + "_key";

    /// <summary>The SQL type of the value.</summary>
    public string SqlType => Type.SqlType;

    /// <summary>
    /// The SQL of the value in a row of the record's table: its column or, for a custom field, its typed value in <c>custom</c>.
    /// Custom tags are text[] like the record's own tags. Null when the field is blank; empty for blank record tags.
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
