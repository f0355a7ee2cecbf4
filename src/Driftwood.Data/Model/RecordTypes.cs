namespace Driftwood.Data.Model;

/// <summary>
/// The state of a record type's fields in an account. It exists for every custom type, and for each built-in type that has, or once
/// had, custom fields. The database gives each new row its version.
/// </summary>
public sealed class RecordSchema
{
    public Guid AccountId { get; init; }
    /// <summary>Key of the record type.</summary>
    public required string RecordType { get; init; }
    /// <summary>The version of the fields. Each change gets a new one, and no two states of any type share one.</summary>
    public long Version { get; set; }
    /// <summary>The slot of the next custom field.</summary>
    public int NextSlot { get; set; }
}

/// <summary>A record type that users defined.</summary>
public sealed class CustomRecordType
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    /// <summary>The API's name. It never changes.</summary>
    public required string Key { get; init; }
    /// <summary>The name for people.</summary>
    public required string Name { get; set; }
    public bool NameIsUnique { get; set; }
    public bool NameIsAutonumber { get; init; }
    /// <summary>A pattern such as <c>TICKET-{0000}</c>; null if callers give the names.</summary>
    public string? AutonumberPattern { get; init; }
    /// <summary>The next number. SQL increases it when numbers are reserved. This class writes it only when the type is created.</summary>
    public long NextNumber { get; init; } = 1;
    public DateTimeOffset CreatedAt { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public Guid UpdatedBy { get; set; }
}

/// <summary>A custom field of a built-in or custom record type.</summary>
public sealed class CustomField
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    /// <summary>Key of the record type.</summary>
    public required string RecordType { get; init; }
    /// <summary>The key of its values in the records' <c>custom</c>. It never changes.</summary>
    public int Slot { get; init; }
    /// <summary>The API's name. It never changes.</summary>
    public required string Key { get; init; }
    public required string Label { get; set; }
    /// <summary>text, integer, decimal, boolean, date, datetime, url, email, phone, choice or tags.</summary>
    public required string Kind { get; init; }
    public bool Required { get; set; }
    public bool IsUnique { get; set; }
    /// <summary>The options of a choice, in the order that people see; else empty.</summary>
    public string[] Options { get; set; } = [];
    public DateTimeOffset CreatedAt { get; init; }
    public Guid CreatedBy { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public Guid UpdatedBy { get; set; }
    /// <summary>If set, nobody sees the field any more, and its values are being removed.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
}
