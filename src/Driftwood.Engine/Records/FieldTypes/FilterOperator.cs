namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>How a field is compared. The API's names are the members in snake_case.</summary>
public enum FilterOperator
{
    Eq,
    /// <summary>The exact opposite of <see cref="Eq"/>; it also finds blank fields.</summary>
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    /// <summary>Ignores case.</summary>
    Contains,
    /// <summary>Ignores case. Uses the match key where the field has one.</summary>
    StartsWith,
    /// <summary>A pattern of % and _ that respects case. A backslash escapes the next character.</summary>
    Like,
    /// <summary>The same pattern, but case is ignored.</summary>
    Ilike,
    IsBlank,
    IsNotBlank,
    HasTag,
    HasAnyTag,
    HasAllTags,
}
