namespace Driftwood.Engine.Changes;

/// <summary>What became of the company that a row of an import names.</summary>
public enum LinkOutcome
{
    /// <summary>The row created it.</summary>
    Created,

    /// <summary>It has a value from the row that it did not have before.</summary>
    Updated,

    /// <summary>It was there, and has nothing new from the row.</summary>
    Linked,
}

/// <summary>The company that a row of an import links its contact with, as the change log has it.</summary>
/// <param name="Id">The company.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record LinkedCompany(Guid Id, LinkOutcome Outcome)
{
    private static readonly string[] Words = [.. Enum.GetNames<LinkOutcome>().Select(name => name.ToLowerInvariant())];

    /// <summary>The word of an outcome in the change log and in receipts.</summary>
    internal static string WordOf(LinkOutcome outcome) => Words[(int)outcome];

    /// <summary>Reads a word.</summary>
    internal static LinkOutcome ReadOutcome(string word) => (LinkOutcome)Array.IndexOf(Words, word);
}
