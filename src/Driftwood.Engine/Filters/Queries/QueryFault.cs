namespace Driftwood.Engine.Filters.Queries;

/// <summary>The reason why a query's text is refused. Only the first fault is reported.</summary>
/// <param name="Position">The position of the fault in UTF-16 code units, from 1.</param>
/// <param name="Message">The text found there and the expected text.</param>
/// <param name="Accepted">The accepted names, if there is a list of them.</param>
public sealed record QueryFault(int Position, string Message, IReadOnlyList<string>? Accepted = null)
{
    /// <summary>The API's code of all query faults.</summary>
    public const string Code = "invalid_query";
}
