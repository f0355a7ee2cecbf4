using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>The oracle of links from contacts to companies. It processes one row after the other.</summary>
/// <param name="companies">The account's companies. New companies are added to the list.</param>
/// <param name="mode">The confirmed mode.</param>
/// <param name="canMake">False if a company needs more than a contact provides.</param>
internal sealed class RowByRowCompanies(List<PlainRecord> companies, LinkCompanies mode, bool canMake)
{
    private static readonly Field Name = RecordTypes.Companies.Find("name")!;
    private static readonly Field Domain = RecordTypes.Companies.Find("domain")!;

    public bool Links => mode != LinkCompanies.None;

    public List<PlainRecord> Companies => companies;

    public List<Guid> Made { get; } = [];

    /// <summary>The company of a row; null if there is none. There is a warning then, unless the row names no company.</summary>
    public Guid? Link(PlainRecord row, out (string Code, string Field)? warning)
    {
        warning = null;
        var domain = DomainOf(row);
        var name = row["company_name"] is { } given ? MatchKeys.Of(MatchKeyKind.Name, given) : null;
        if (domain is null && name is null) return null;
        if (domain is not null && companies.Find(company => company.Key(Domain) == domain) is { } owner) return owner.Id;
        var named = companies.FindAll(company => name is not null && company.Key(Name) == name);
        if (named.Count == 1) return named[0].Id;
        if (named.Count == 0 && mode == LinkCompanies.Create && canMake && name is not null) return Make(row, domain);
        var code = named.Count > 1 ? "company_ambiguous" : mode == LinkCompanies.Create ? "company_not_creatable" : "company_not_found";
        warning = (code, name is not null ? "company_name" : row["website"] is not null ? "website" : "email");
        return null;
    }

    private static string? DomainOf(PlainRecord row)
    {
        if (row["website"] is { } website) return MatchKeys.Of(MatchKeyKind.Domain, website);
        var domain = row["email"] is { } email ? MatchKeys.Of(MatchKeyKind.Domain, email) : null;
        return domain is "gmail.com" ? null : domain;
    }

    private Guid Make(PlainRecord row, string? domain)
    {
        var made = new PlainRecord { Id = Guid.CreateVersion7(), ["name"] = row["company_name"], ["domain"] = domain };
        companies.Add(made);
        Made.Add(made.Id!.Value);
        return made.Id.Value;
    }
}
