using System.Text.Json.Serialization;

namespace Driftwood.Engine.Records.FieldKinds;

/// <summary>What a field's values are; decides how cells are read, compared and stored.</summary>
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
    /// <summary>The record's own id: mapped only to match on it, never written.</summary>
    Id,
}
