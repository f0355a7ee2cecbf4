namespace Driftwood.Engine.Filters.Queries;

/// <summary>Why a query's text is refused; there is one, the first.</summary>
/// <param name="Position">Where, in UTF-16 code units from 1.</param>
/// <param name="Message">What was found there and what was expected.</param>
/// <param name="Accepted">What would be accepted, where that is a list of names.</param>
public sealed record QueryFault(int Position, string Message, IReadOnlyList<string>? Accepted = null)
{
    /// <summary>The API's code of all of them.</summary>
    public const string Code = "invalid_query";
}
