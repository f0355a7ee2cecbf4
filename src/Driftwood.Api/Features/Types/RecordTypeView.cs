using Driftwood.Data.Model;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Types;

/// <summary>A record type as callers see it, built in or the account's own.</summary>
/// <param name="Key">The type's name in requests.</param>
/// <param name="Name">The name for people.</param>
/// <param name="NameIsUnique">No two records share a name, compared without case and white space.</param>
/// <param name="NameIsAutonumber">Driftwood names the records.</param>
/// <param name="AutonumberPattern">A pattern such as TICKET-{0000}; null if callers give the names.</param>
/// <param name="Fields">All fields of the type's records, custom fields last.</param>
/// <param name="MatchFields">Keys of the fields that rows and items can be matched on, the default first.</param>
/// <param name="CreatedAt">Null for a built-in type, like the other three.</param>
internal sealed record RecordTypeView(
    string Key,
    string Name,
    bool BuiltIn,
    bool NameIsUnique,
    bool NameIsAutonumber,
    string? AutonumberPattern,
    IReadOnlyList<RecordTypeView.FieldPart> Fields,
    IReadOnlyList<string> MatchFields,
    DateTimeOffset? CreatedAt,
    Guid? CreatedBy,
    DateTimeOffset? UpdatedAt,
    Guid? UpdatedBy)
{
    public static readonly RecordTypeView Example = new(
        "tickets",
        "Tickets",
        BuiltIn: false,
        NameIsUnique: false,
        NameIsAutonumber: true,
        "TICKET-{0000}",
        [
            new FieldPart("external_id", "External ID", "text", Required: false, Unique: true, Custom: false, ReadOnly: false, []),
            new FieldPart("name", "Name", "text", Required: true, Unique: false, Custom: false, ReadOnly: true, []),
            new FieldPart("tags", "Tags", "tags", Required: false, Unique: false, Custom: false, ReadOnly: false, []),
            new FieldPart("severity", "Severity", "choice", Required: true, Unique: false, Custom: true, ReadOnly: false, ["Low", "High"]),
        ],
        ["external_id", "id"],
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"));

    /// <param name="Kind">The kind of a custom field, or a kind that only built-in fields have: domain, reference.</param>
    /// <param name="ReadOnly">Only Driftwood writes the field.</param>
    /// <param name="Options">The values that a choice can have; empty for other kinds.</param>
    internal sealed record FieldPart(
        string Key, string Label, string Kind, bool Required, bool Unique, bool Custom, bool ReadOnly, IReadOnlyList<string> Options);

    /// <param name="row">The row of one of the account's own types; null for a built-in type.</param>
    public static RecordTypeView Of(RecordType type, CustomRecordType? row) => new(
        type.Key,
        type.Label,
        row is null,
        type.Find("name") is { Unique: true },
        type.Autonumber is not null,
        type.Autonumber?.Text,
        [.. type.Fields.Select(ToPart)],
        type.MatchFields,
        row?.CreatedAt,
        row?.CreatedBy,
        row?.UpdatedAt,
        row?.UpdatedBy);

    private static FieldPart ToPart(Field field) => new(
        field.Key, field.Label, field.Type.Name, field.Required, field.Unique, field.IsCustom, field.IsReadOnly, field.Options);
}
