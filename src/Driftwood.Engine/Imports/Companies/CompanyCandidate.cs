using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>A staged row that names a company, with the existing companies that fit.</summary>
/// <param name="Seq">The row's place among the staged rows of its chunk.</param>
/// <param name="Domain">Match key of the domain, or null.</param>
/// <param name="NameKey">Match key of the name, or null. The row has a domain or a name.</param>
/// <param name="Name">The name of a company made for the row.</param>
/// <param name="OfDomain">The company that has the domain.</param>
/// <param name="OfName">Companies that have the name, two at most.</param>
internal sealed record CompanyCandidate(
    int Seq, string? Domain, string? NameKey, string? Name, Guid? OfDomain, Guid[] OfName);

/// <summary>A company to create.</summary>
internal sealed record NewCompany(Guid Id, string Name, string NameKey, string? Domain);

/// <summary>The company of a row.</summary>
/// <param name="Id">The company.</param>
/// <param name="IsNew">The row creates it.</param>
internal readonly record struct ChosenCompany(Guid Id, bool IsNew);

/// <summary>A row that is not linked with the company it names.</summary>
internal sealed record UnlinkedRow(CompanyCandidate Row, Fault Fault);
