using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>The mapped columns that tell which company a contact belongs to, and what the company holds. At least one tells it.</summary>
/// <param name="Name">The company's name.</param>
/// <param name="Hosts">The host of the first of them in which a row has a value is the company's domain.</param>
/// <param name="Email">
/// Its host is the domain where the row has none of <paramref name="Hosts"/>, unless it is a public mail provider's.
/// </param>
/// <param name="Filled">All columns of fields of the company, those of its name and its domain included.</param>
internal sealed record CompanyColumns(
    MappedColumn? Name, IReadOnlyList<MappedColumn> Hosts, MappedColumn? Email, IReadOnlyList<MappedColumn> Filled)
{
    /// <param name="columns">The columns of fields of the contact.</param>
    /// <param name="filled">The columns of fields of the company.</param>
    public static CompanyColumns Of(IReadOnlyList<MappedColumn> columns, IReadOnlyList<MappedColumn> filled)
    {
        MappedColumn? Find(string field) => filled.Concat(columns).FirstOrDefault(column => column.Field.Key == field);
        return new CompanyColumns(
            TellingFields.Names.Select(Find).FirstOrDefault(column => column is not null),
            [.. TellingFields.Hosts.Select(Find).OfType<MappedColumn>()],
            Find(TellingFields.Email),
            filled);
    }

    /// <summary>The columns whose values a company gets. Its name and domain tell which one it is, and never change.</summary>
    public IEnumerable<MappedColumn> Given => Filled.Where(column => column.Field.OfCompany is { MatchKey: null });

    /// <summary>Whether a company has to have a value of the field.</summary>
    public static bool IsRequired(MappedColumn column) => column.Field.OfCompany is { Required: true };
}
