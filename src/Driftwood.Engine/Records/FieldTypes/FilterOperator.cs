namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>How a field is compared. The API's names are these in snake_case.</summary>
public enum FilterOperator
{
    Eq,
    /// <summary>Exactly not <see cref="Eq"/>, so that blank fields are among what it finds.</summary>
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    /// <summary>Without case.</summary>
    Contains,
    /// <summary>Without case; by the match key where the field has one.</summary>
    StartsWith,
    /// <summary>A pattern of % and _, with case; a backslash takes the meaning from the character after it.</summary>
    Like,
    /// <summary>The same without case.</summary>
    Ilike,
    IsBlank,
    IsNotBlank,
    HasTag,
    HasAnyTag,
    HasAllTags,
}
