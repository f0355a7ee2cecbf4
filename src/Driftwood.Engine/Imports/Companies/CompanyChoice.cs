using System.Security.Cryptography;
using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>
/// Chooses the companies of a wave's rows in file order. A company that an earlier row creates exists for later rows. The domain
/// decides; without it, the name does if only one company has it.
/// </summary>
/// <param name="lane">The import's lane. Its account and job, with the name, give the ids of new companies.</param>
/// <param name="makes">Whether missing companies are created.</param>
/// <param name="missing">The required field of companies in which a row, given by its place, has no value; null if there is none.</param>
internal sealed class CompanyChoice(LaneRef lane, bool makes, Func<int, Field?> missing)
{
    private static readonly Fault NotFound = new("company_not_found", "No company has this domain or name; the contact is not linked.");

    private static readonly Fault Ambiguous =
        new("company_ambiguous", "Several companies have this name, and none the row's domain; the contact is not linked.");

    private static readonly Fault Nameless = new(
        "company_not_creatable", "No company has this domain, and without a name none can be made; the contact is not linked.");

    private readonly Dictionary<string, Guid> _madeOfDomain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> _madeOfName = new(StringComparer.Ordinal);

    /// <summary>Existing companies, each once.</summary>
    public HashSet<Guid> Found { get; } = [];

    public List<NewCompany> Made { get; } = [];

    public List<UnlinkedRow> Unlinked { get; } = [];

    /// <summary>Chooses the row's company. Returns null if the row gets none.</summary>
    public ChosenCompany? Choose(CompanyCandidate row)
    {
        if (row.OfDomain is { } found) return Find(found);
        if (row.Domain is not null && _madeOfDomain.TryGetValue(row.Domain, out var made)) return new(made, IsNew: false);
        if (row.OfName.Length == 1) return Find(row.OfName[0]);
        if (row.OfName.Length > 1) return Leave(row, Ambiguous);
        if (row.NameKey is not null && _madeOfName.TryGetValue(row.NameKey, out made)) return new(made, IsNew: false);
        if (!makes) return Leave(row, NotFound);
        if (row.NameKey is null) return Leave(row, Nameless);
        return missing(row.Seq) is { } field ? Leave(row, Incomplete(field)) : new(Make(row), IsNew: true);
    }

    private static Fault Incomplete(Field field) => new(
        "company_not_creatable",
        $"No company has this domain or name, and none can be made without a {field.Label}; the contact is not linked.");

    private ChosenCompany Find(Guid company)
    {
        Found.Add(company);
        return new(company, IsNew: false);
    }

    private ChosenCompany? Leave(CompanyCandidate row, Fault fault)
    {
        Unlinked.Add(new UnlinkedRow(row, fault));
        return null;
    }

    private Guid Make(CompanyCandidate row)
    {
        var company = new NewCompany(IdOf(row.NameKey!), row.Name!, row.NameKey!, row.Domain);
        Made.Add(company);
        _madeOfName.Add(company.NameKey, company.Id);
        if (company.Domain is not null) _madeOfDomain.Add(company.Domain, company.Id);
        return company.Id;
    }

    // The id is the same in every lane and at every try: a UUID of version 8 (RFC 9562) with 122 bits of a SHA-256. It depends only on
    // the name, because a job never creates two companies with one name: a later row with the name finds the first.
    private Guid IdOf(string nameKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var (account, job) = (lane.AccountId.ToByteArray(bigEndian: true), lane.JobId.ToByteArray(bigEndian: true));
        SHA256.HashData([.. account, .. job, .. Encoding.UTF8.GetBytes(nameKey)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
