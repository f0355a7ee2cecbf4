using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Types;

/// <summary>The record types that every account has.</summary>
public static class RecordTypes
{
    private static readonly Field ExternalId = new("external_id", "External ID", FieldKind.Text)
    {
        Unique = true,
        MatchKey = MatchKeyKind.Exact,
    };

    private static readonly Field Tags = new("tags", "Tags", FieldKind.Tags)
    {
        MaxLength = 0,
    };

    private static readonly Field Description = new("description", "Description", FieldKind.Text)
    {
        MaxLength = 65_535,
    };

    private static readonly Field Website = new("website", "Website", FieldKind.Url)
    {
        MaxLength = 2_048,
    };

    private static readonly Field[] PostalAddress =
    [
        new("address", "Address", FieldKind.Text)
        {
            MaxLength = 1_000,
        },
        new("city", "City", FieldKind.Text),
        new("state", "State", FieldKind.Text),
        new("postal_code", "Postal Code", FieldKind.Text)
        {
            MaxLength = 32,
        },
        new("country", "Country", FieldKind.Text),
    ];

    /// <summary>People.</summary>
    public static RecordType Contacts { get; } = new(
        "contacts",
        "Contacts",
        [
            ExternalId,
            new("first_name", "First Name", FieldKind.Text),
            new("last_name", "Last Name", FieldKind.Text),
            new("email", "Email", FieldKind.Email)
            {
                MaxLength = 320,
                Unique = true,
                MatchKey = MatchKeyKind.Email,
            },
            new("phone", "Phone", FieldKind.Phone)
            {
                MaxLength = 64,
                MatchKey = MatchKeyKind.Phone,
            },
            new("job_title", "Job Title", FieldKind.Text),
            new("company_name", "Company Name", FieldKind.Text),
            new("company_id", "Company ID", FieldKind.Reference) { MaxLength = 0, Target = "companies" },
            new("source_id", "Source ID", FieldKind.Reference) { MaxLength = 0, Target = "sources" },
            Website,
            new("linkedin_url", "LinkedIn URL", FieldKind.Url) { MaxLength = 2_048 },
            .. PostalAddress,
            new("birthday", "Birthday", FieldKind.Date)
            {
                MaxLength = 0,
            },
            Description,
            Tags,
        ],
        ["email", "external_id", "phone", "id"])
    {
        AnyOf = ["email", "phone", "first_name", "last_name", "external_id"],
    };

    /// <summary>Organisations.</summary>
    public static RecordType Companies { get; } = new(
        "companies",
        "Companies",
        [
            ExternalId,
            new("name", "Name", FieldKind.Text)
            {
                Required = true,
                MatchKey = MatchKeyKind.Name,
            },
            new("domain", "Domain", FieldKind.Domain)
            {
                MaxLength = 2_048,
                Unique = true,
                MatchKey = MatchKeyKind.Domain,
            },
            Website,
            new("phone", "Phone", FieldKind.Phone)
            {
                MaxLength = 64,
            },
            new("industry", "Industry", FieldKind.Text),
            new("employee_count", "Employee Count", FieldKind.Integer)
            {
                MaxLength = 0,
            },
            new("annual_revenue", "Annual Revenue", FieldKind.Decimal)
            {
                MaxLength = 0,
            },
            .. PostalAddress,
            Description,
            Tags,
        ],
        ["domain", "name", "external_id", "id"]);

    /// <summary>The sources that records came from.</summary>
    public static RecordType Sources { get; } = new(
        "sources",
        "Sources",
        [
            ExternalId,
            new("name", "Name", FieldKind.Text)
            {
                Required = true,
                Unique = true,
                MatchKey = MatchKeyKind.Name,
            },
            new("kind", "Kind", FieldKind.Text),
            new("url", "URL", FieldKind.Url) { MaxLength = 2_048 },
            Description,
            Tags,
        ],
        ["name", "external_id", "id"]);

    /// <summary>All built-in types.</summary>
    public static IReadOnlyList<RecordType> BuiltIn { get; } = [Contacts, Companies, Sources];

    /// <summary>The built-in type with that key, or null.</summary>
    public static RecordType? Find(string key) => BuiltIn.FirstOrDefault(type => type.Key == key);

    /// <summary>Stands for any user-defined type, with the fields that all of them have.</summary>
    public static RecordType AnyCustom { get; } = Custom(Guid.Empty, "custom", "Custom", nameIsUnique: false, autonumber: null);

    /// <summary>A user-defined type without its custom fields.</summary>
    /// <param name="id">The type's id. Its records and its unique names are stored under it.</param>
    /// <param name="key">The API's name.</param>
    /// <param name="label">The name for people.</param>
    /// <param name="nameIsUnique">No two records share a (normalised) name.</param>
    /// <param name="autonumber">The pattern of the names that Driftwood gives; null when callers give them.</param>
    internal static RecordType Custom(Guid id, string key, string label, bool nameIsUnique, string? autonumber)
    {
        var name = new Field("name", "Name", FieldKind.Text)
        {
            Required = true,
            Unique = nameIsUnique,
            UniqueId = nameIsUnique ? id : null,
            MatchKey = MatchKeyKind.Name,
            IsReadOnly = autonumber is not null,
        };
        return new RecordType(
            key, label, [ExternalId, name, Tags], autonumber is null ? ["name", "external_id", "id"] : ["external_id", "id"])
        {
            TypeId = id,
            Autonumber = autonumber is null ? null : AutonumberPattern.Parse(autonumber),
        };
    }

    /// <summary>Adds an account's custom fields to a type. Rows can be matched on the unique ones too.</summary>
    internal static RecordType Extend(RecordType type, IReadOnlyList<Field> custom, long version) => type with
    {
        Fields = [.. type.Fields, .. custom],
        MatchFields =
        [
            .. type.MatchFields.SkipLast(1), .. custom.Where(field => field.Unique).Select(field => field.Key), RecordType.Id.Key,
        ],
        Version = version,
    };

    /// <summary>The field of contacts that points to records of a type; null if none does.</summary>
    internal static Field? PointingTo(RecordType type) => Contacts.Fields.FirstOrDefault(field => field.Target == type.Key);
}
