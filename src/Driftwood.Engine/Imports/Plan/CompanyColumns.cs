namespace Driftwood.Engine.Imports.Plan;

/// <summary>The mapped columns that tell which company a contact belongs to. At least one of them is present.</summary>
/// <param name="Name">The company's name.</param>
/// <param name="Website">Its host is the company's domain.</param>
/// <param name="Email">Its host is the company's domain where the row has no website and the host is not a public mail provider.</param>
internal sealed record CompanyColumns(MappedColumn? Name, MappedColumn? Website, MappedColumn? Email)
{
    /// <summary>Keys of the fields whose columns tell a company.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["company_name", "website", "email"];

    public static CompanyColumns Of(IReadOnlyList<MappedColumn> columns)
    {
        MappedColumn? Find(string field) => columns.FirstOrDefault(column => column.Field.Key == field);
        return new CompanyColumns(Find(Fields[0]), Find(Fields[1]), Find(Fields[2]));
    }
}
