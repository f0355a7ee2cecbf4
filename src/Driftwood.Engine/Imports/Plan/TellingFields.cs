namespace Driftwood.Engine.Imports.Plan;

/// <summary>Keys of the fields whose columns tell the company of a contact.</summary>
public static class TellingFields
{
    /// <summary>Those of its name: the first that is mapped tells it.</summary>
    public static IReadOnlyList<string> Names { get; } = ["company.name", "company_name"];

    /// <summary>Those whose host is its domain: the first that is mapped and not blank tells it.</summary>
    public static IReadOnlyList<string> Hosts { get; } = ["company.domain", "company.website", "website"];

    /// <summary>The field of an e-mail address, whose host is the domain where no other is known.</summary>
    public const string Email = "email";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names, .. Hosts, Email];
}
