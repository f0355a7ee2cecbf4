using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>A field of companies that rows of contacts fill.</summary>
/// <param name="Key">The key in the file's mapping.</param>
/// <param name="Field">The company's field.</param>
/// <param name="Policy">The companies that get the value.</param>
/// <param name="OnCreate">The value of blank cells where a company is made.</param>
internal sealed record CompanyColumn(string Key, Field Field, ColumnPolicy Policy, string? OnCreate);

/// <summary>The oracle of links from contacts to companies. It processes one row after the other.</summary>
/// <param name="type">The type of companies.</param>
/// <param name="companies">The account's companies. New companies are added to the list.</param>
/// <param name="spec">The confirmed import.</param>
internal sealed class RowByRowCompanies(RecordType type, List<PlainRecord> companies, ImportSpec spec)
{
    private static readonly Field Name = RecordTypes.Companies.Find("name")!;
    private static readonly Field Domain = RecordTypes.Companies.Find("domain")!;

    public bool Links => spec.LinkCompanies != LinkCompanies.None;

    public List<PlainRecord> Companies => companies;

    public List<PlainRecord> Made { get; } = [];

    /// <summary>The fields of companies that rows fill.</summary>
    public IReadOnlyList<CompanyColumn> Columns { get; set; } = [];

    private IEnumerable<CompanyColumn> Given => Columns.Where(column => column.Key is not ("company.name" or "company.domain"));

    /// <summary>The company of a row; null if there is none. There is a warning then, unless the row names no company.</summary>
    public Guid? Link(PlainRecord row, out (string Code, string Field)? warning)
    {
        warning = null;
        var domain = DomainOf(row);
        var nameField = Columns.Any(column => column.Key == "company.name") ? "company.name" : "company_name";
        var name = row[nameField] is { } given ? MatchKeys.Of(MatchKeyKind.Name, given) : null;
        if (domain is null && name is null) return null;
        if (domain is not null && companies.Find(company => company.Key(Domain) == domain) is { } owner) return Change(owner, row);
        var named = companies.FindAll(company => name is not null && company.Key(Name) == name);
        if (named.Count == 1) return Change(named[0], row);
        var canMake = name is not null && type.Fields.All(field => !field.Required || field == Name || MadeValue(field, row) is not null);
        if (named.Count == 0 && spec.LinkCompanies == LinkCompanies.Create && canMake) return Make(row, row[nameField]!, domain);
        var code = named.Count > 1 ? "company_ambiguous"
            : spec.LinkCompanies == LinkCompanies.Create ? "company_not_creatable" : "company_not_found";
        warning = (code, name is not null ? nameField : Hosts(row).FirstOrDefault("email"));
        return null;
    }

    private static IEnumerable<string> Hosts(PlainRecord row) =>
        new[] { "company.domain", "company.website", "website" }.Where(key => row[key] is not null);

    private static string? DomainOf(PlainRecord row)
    {
        if (Hosts(row).FirstOrDefault() is { } host) return MatchKeys.Of(MatchKeyKind.Domain, row[host]!);
        var domain = row["email"] is { } email ? MatchKeys.Of(MatchKeyKind.Domain, email) : null;
        return domain is "gmail.com" ? null : domain;
    }

    private string? MadeValue(Field field, PlainRecord row) => Columns.Where(column => column.Field == field)
        .Select(column => row[column.Key] ?? column.OnCreate).FirstOrDefault();

    private Guid Make(PlainRecord row, string name, string? domain)
    {
        var made = new PlainRecord { ["name"] = name, ["domain"] = domain, Touched = true };
        foreach (var column in Given) made[column.Field.Key] = MadeValue(column.Field, row);
        companies.Add(made);
        Made.Add(made);
        return StandIn(made);
    }

    /// <summary>An id for a company that the import made, whose real id cannot be predicted.</summary>
    public Guid StandIn(PlainRecord made) => new(Made.IndexOf(made) + 1, 0, 0, new byte[8]);

    private Guid Change(PlainRecord company, PlainRecord row)
    {
        foreach (var column in Given.Where(_ => spec.DuplicateStrategy != DuplicateStrategy.Skip))
        {
            var (old, now) = (company[column.Field.Key], row[column.Key]);
            var clears = !column.Field.Required
                && (spec.DuplicateStrategy == DuplicateStrategy.Overwrite || spec.BlankCells == BlankCells.Clear);
            var isGiven = column.Policy switch
            {
                ColumnPolicy.CreateOnly => false,
                ColumnPolicy.FillBlank => old is null,
                _ => now is not null || clears,
            };
            if (!isGiven || old == now) continue;
            company[column.Field.Key] = now;
            company.Touched = true;
        }

        return company.Id ?? StandIn(company);
    }
}
