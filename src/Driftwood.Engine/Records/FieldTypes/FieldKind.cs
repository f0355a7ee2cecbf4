using System.Text.Json.Serialization;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>The kinds of fields by their names in the API. <see cref="FieldType"/> has everything else about a kind.</summary>
public enum FieldKind
{
    Text,
    Integer,
    Decimal,
    Boolean,
    Date,
    [JsonStringEnumMemberName("datetime")]
    DateTime,
    Url,
    Email,
    Phone,
    /// <summary>A host name; compared without scheme, <c>www.</c> and path.</summary>
    Domain,
    Choice,
    Tags,
    /// <summary>The id of another record of the account.</summary>
    Reference,
    /// <summary>The record's own id. A column is mapped to it only for matching; it is never written.</summary>
    Id,
}
