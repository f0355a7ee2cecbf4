using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>The mapped columns that say which company a contact belongs to; one of them at least is there.</summary>
/// <param name="Name">The company's name.</param>
/// <param name="Website">Whose host is the company's domain.</param>
/// <param name="Email">Whose host is, where the row has no website and the host is none of <see cref="PublicMailDomains"/>.</param>
internal sealed record CompanyColumns(MappedColumn? Name, MappedColumn? Website, MappedColumn? Email)
{
    /// <summary>The fields whose columns tell a company.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["company_name", "website", "email"];

    public static CompanyColumns Of(IReadOnlyList<MappedColumn> columns)
    {
        MappedColumn? Find(string field) => columns.FirstOrDefault(column => column.Field.Key == field);
        return new CompanyColumns(Find(Fields[0]), Find(Fields[1]), Find(Fields[2]));
    }

    /// <summary>Appends the match key of the row's domain; nothing where it has none. Its cells are good.</summary>
    public void WriteDomain(CsvRows rows, ByteBuffer output)
    {
        var start = output.Length;
        if (Website is not null) MatchKeys.Write(MatchKeyKind.Domain, rows[Website.Index], output);
        if (Email is null || output.Length > start) return;
        var address = rows[Email.Index];
        MatchKeys.Write(MatchKeyKind.Domain, address[(address.LastIndexOf((byte)'@') + 1)..], output);
        if (PublicMailDomains.Contains(output.Written[start..])) output.Length = start;
    }

    /// <summary>Appends the match key of the row's company name; nothing where it has none.</summary>
    public void WriteName(CsvRows rows, ByteBuffer output)
    {
        if (Name is not null) MatchKeys.Write(MatchKeyKind.Name, rows[Name.Index], output);
    }
}
