namespace Driftwood.Data.Model;

/// <summary>
/// The state of a record type's fields in an account: there where it has, or ever had, custom ones, and for every custom
/// type. The database gives each new row its version.
/// </summary>
public sealed class RecordSchema
{
    public Guid AccountId { get; init; }
    /// <summary>Key of the record type.</summary>
    public required string RecordType { get; init; }
    /// <summary>New whenever anything about the fields changes; no two states of any type ever share one.</summary>
    public long Version { get; set; }
    /// <summary>The slot that the next custom field gets.</summary>
    public int NextSlot { get; set; }
}

/// <summary>A record type that users defined.</summary>
public sealed class CustomRecordType
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    /// <summary>The API's name; never changes.</summary>
    public required string Key { get; init; }
    /// <summary>The name for people.</summary>
    public required string Name { get; set; }
    public bool NameIsUnique { get; set; }
    public bool NameIsAutonumber { get; init; }
    /// <summary>Such as <c>TICKET-{0000}</c>; null where names are given.</summary>
    public string? AutonumberPattern { get; init; }
    /// <summary>Counted up by whoever reserves numbers, in SQL; never written here but when the type is made.</summary>
    public long NextNumber { get; init; } = 1;
    public DateTimeOffset CreatedAt { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public Guid UpdatedBy { get; set; }
}

/// <summary>A custom field of a record type, built in or custom.</summary>
public sealed class CustomField
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    /// <summary>Key of the record type.</summary>
    public required string RecordType { get; init; }
    /// <summary>The key of its values in the records' <c>custom</c>; given once.</summary>
    public int Slot { get; init; }
    /// <summary>The API's name; never changes.</summary>
    public required string Key { get; init; }
    public required string Label { get; set; }
    /// <summary>text, integer, decimal, boolean, date, datetime, url, email, phone, choice or tags.</summary>
    public required string Kind { get; init; }
    public bool Required { get; set; }
    public bool IsUnique { get; set; }
    /// <summary>The values of a choice, in the order people see them; else empty.</summary>
    public string[] Options { get; set; } = [];
    public DateTimeOffset CreatedAt { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public Guid UpdatedBy { get; set; }
    /// <summary>Set: gone for everybody; its values are being cleaned up.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
}
