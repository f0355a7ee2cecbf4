using System.Text.Json.Serialization;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Records.Store;

/// <summary>A record as the database stores it.</summary>
[JsonConverter(typeof(StoredRecordJson))]
public sealed class StoredRecord
{
    /// <summary>Names the fields of <see cref="Values"/>.</summary>
    public required RecordType Type { get; init; }

    /// <summary>UUID, version 7 where Driftwood made it from a clock.</summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// One value per field, in the order of <see cref="RecordType.Columns"/>: string, long, decimal, bool, DateOnly,
    /// DateTime (UTC), Guid or null.
    /// </summary>
    public required IReadOnlyList<object?> Values { get; init; }

    /// <summary>JSON object of the custom values by slot, as <see cref="CustomJson"/> writes it.</summary>
    public required string Custom { get; init; }

    /// <summary>The tags as people wrote them, each once.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>A user of the account.</summary>
    public required Guid CreatedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime UpdatedAt { get; init; }

    /// <summary>A user of the account.</summary>
    public required Guid UpdatedBy { get; init; }

    /// <summary>The number of characters of text in the record.</summary>
    internal int Characters => Values.OfType<string>().Sum(text => text.Length) + Custom.Length + Tags.Sum(tag => tag.Length);
}
