using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Types;

/// <summary>A kind of record: its table, its fields and the fields that rows are matched on.</summary>
/// <param name="Key">The API's name. The table of a built-in type has the same name.</param>
/// <param name="Label">The name for people, plural.</param>
/// <param name="Fields">
/// All fields that a caller may set, in the order in which the API prints them, custom fields last. It includes <c>tags</c>, but
/// not <c>id</c> and the time stamps.
/// </param>
/// <param name="MatchFields">Keys of the fields that rows can be matched on; the default is first, <c>id</c> is last.</param>
public sealed record RecordType(string Key, string Label, IReadOnlyList<Field> Fields, IReadOnlyList<string> MatchFields)
{
    /// <summary>Set for a type that users defined. All such types share one table.</summary>
    public Guid? TypeId { get; init; }

    /// <summary>The pattern of the names that Driftwood gives; null when callers name the records.</summary>
    public AutonumberPattern? Autonumber { get; init; }

    /// <summary>The version of the account's custom fields of this type; 0 if there never were any.</summary>
    public long Version { get; init; }

    /// <summary>A record needs a value in at least one of these fields; empty if <see cref="Field.Required"/> is enough.</summary>
    public IReadOnlyList<string> AnyOf { get; init; } = [];

    /// <summary>What keys of <see cref="CompanyFields"/> begin with.</summary>
    public const string CompanyPrefix = "company.";

    /// <summary>The record's id as a field, only for mapping, matching and filters.</summary>
    public static Field Id { get; } = new("id", "ID", FieldKind.Id);

    /// <summary>The time at which a record was created as a field, only for mapping: a file may say it where a record is created.</summary>
    public static Field CreatedAt { get; } = new("created_at", "Created At", FieldKind.DateTime) { MaxLength = 0 };

    /// <summary>The time at which a record was last changed as a field, only for filters and sorting.</summary>
    public static Field UpdatedAt { get; } = new("updated_at", "Updated At", FieldKind.DateTime) { MaxLength = 0, Required = true };

    /// <summary>The fields other than the id that Driftwood itself writes, only for filters and sorting.</summary>
    public static IReadOnlyList<Field> Stamps { get; } =
    [
        CreatedAt with { Required = true },
        new("created_by", "Created By", FieldKind.Reference) { MaxLength = 0, Required = true },
        UpdatedAt,
        new("updated_by", "Updated By", FieldKind.Reference) { MaxLength = 0, Required = true },
    ];

    /// <summary>
    /// The jobs that created a record, and those that created or changed it, only for filters. They stand in the change log, and so are
    /// known as long as that is kept.
    /// </summary>
    public static IReadOnlyList<Field> Jobs { get; } =
    [
        new("created_by_job", "Created By Job", FieldKind.Reference) { MaxLength = 0, IsInChangeLog = true },
        new("changed_by_job", "Changed By Job", FieldKind.Reference) { MaxLength = 0, IsInChangeLog = true },
    ];

    private static readonly IReadOnlyList<Field> StampsAndJobs = [.. Stamps, .. Jobs];

    /// <summary>The fields other than the id that filters know beside <see cref="Fields"/>.</summary>
    internal IReadOnlyList<Field> OwnFields { get; init; } = StampsAndJobs;

    /// <summary>The table of the type's records.</summary>
    public string Table => TypeId is null ? Key : "custom_records";

    /// <summary>The fields with their own column: all except tags and custom fields.</summary>
    public IEnumerable<Field> Columns => Fields.Where(f => f is { IsTags: false, IsCustom: false });

    /// <summary>The fields whose values are stored in <c>custom</c>.</summary>
    public IEnumerable<Field> CustomFields => Fields.Where(f => f.IsCustom);

    /// <summary>The fields whose uniqueness <c>unique_values</c> enforces.</summary>
    public IEnumerable<Field> UniqueValueFields => Fields.Where(f => f.UniqueId is not null);

    /// <summary>The field with that key (<c>id</c> included), or null.</summary>
    public Field? Find(string key) =>
        key == Id.Key ? Id : Fields.FirstOrDefault(f => f.Key == key);

    /// <summary>
    /// The type whose records a file of this type may fill too, with the account's fields. Only <see cref="RecordTypeCatalog"/> sets it,
    /// for imports of contacts: their companies.
    /// </summary>
    public RecordType? Companies { get; init; }

    /// <summary>
    /// The fields of <see cref="Companies"/> that a column may be mapped to, under their keys in such a file (<c>company.industry</c>).
    /// Unique fields other than the domain, lists and references are left out.
    /// </summary>
    public IEnumerable<Field> CompanyFields => (Companies?.Fields ?? [])
        .Where(f => f is { IsReadOnly: false, Type.IsList: false, Kind: not FieldKind.Reference }
            && (!f.Unique || f.MatchKey == MatchKeyKind.Domain))
        .Select(f => f with { Key = CompanyPrefix + f.Key, Label = $"Company {f.Label}", OfCompany = f });

    /// <summary>The field with that key that a column of a file may be mapped to, or null.</summary>
    public Field? FindMappable(string key) =>
        Find(key) ?? (key == CreatedAt.Key ? CreatedAt : CompanyFields.FirstOrDefault(field => field.Key == key));

    /// <summary>The type that a mappable field belongs to, and the field's key there.</summary>
    internal (RecordType Type, string Key) OwnerOf(string mappable) =>
        Companies is not null && mappable.StartsWith(CompanyPrefix, StringComparison.Ordinal)
            ? (Companies, mappable[CompanyPrefix.Length..])
            : (this, mappable);

    /// <summary>The columns of a record's account and type, with their values: the first columns of every key and index.</summary>
    internal IReadOnlyList<(string Column, string SqlType)> OwnerColumns =>
        TypeId is null ? [("account_id", "uuid")] : [("account_id", "uuid"), ("type_id", "uuid")];

    /// <summary>The condition that a row belongs to this type and to the account <paramref name="account"/>.</summary>
    internal string Owned(string row, string account) =>
        $"{row}.account_id = {account}{OwnType(row)}";

    /// <summary>The further condition that a row of <see cref="Table"/> belongs to this type; empty for a built-in type.</summary>
    internal string OwnType(string row) => TypeId is { } type ? $" and {row}.type_id = '{type}'" : "";

    /// <summary>The <see cref="OwnerColumns"/> of a new record, with the SQL of their values.</summary>
    internal IEnumerable<(string Column, string Value)> Owners(string account) =>
        OwnerColumns.Select(owner => (owner.Column, owner.Column == "account_id" ? account : $"'{TypeId}'::uuid"));

    /// <summary>The condition that a row has the same type and account as another row that has <see cref="OwnerColumns"/>.</summary>
    internal string SameOwner(string row, string other) =>
        string.Join(" and ", OwnerColumns.Select(o => $"{row}.{o.Column} = {other}.{o.Column}"));
}
