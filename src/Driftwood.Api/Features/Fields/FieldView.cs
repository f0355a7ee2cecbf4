using System.Linq.Expressions;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Fields;

/// <summary>A custom field as callers see it.</summary>
/// <param name="RecordType">Key of the record type.</param>
/// <param name="Key">The field's name in mappings, updates and filters.</param>
/// <param name="Kind">text, integer, decimal, boolean, date, datetime, url, email, phone, choice or tags.</param>
/// <param name="Options">The values that a choice can have; empty for other kinds.</param>
internal sealed record FieldView(
    Guid Id,
    string RecordType,
    string Key,
    string Label,
    string Kind,
    bool Required,
    bool Unique,
    IReadOnlyList<string> Options,
    DateTimeOffset CreatedAt,
    Guid CreatedBy,
    DateTimeOffset UpdatedAt,
    Guid UpdatedBy)
{
    /// <summary>The view of a stored field, as an expression for queries.</summary>
    public static readonly Expression<Func<CustomField, FieldView>> FromField = f =>
        new FieldView(
            f.Id, f.RecordType, f.Key, f.Label, f.Kind, f.Required, f.IsUnique, f.Options, f.CreatedAt, f.CreatedBy, f.UpdatedAt,
            f.UpdatedBy);

    public static readonly FieldView Example = new(
        Guid.Parse("01977c22-7d13-7b1e-8f0a-3c5d7e9f1a2b"),
        "contacts",
        "tier",
        "Tier",
        "choice",
        Required: false,
        Unique: false,
        ["Gold", "Silver", "Bronze"],
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"));
}
