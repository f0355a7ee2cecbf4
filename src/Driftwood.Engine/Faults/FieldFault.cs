using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Faults;

/// <summary>Why a record is refused: which member of the request, a stable code, and a sentence for people.</summary>
/// <param name="Field">Key of the field, or a place in it: <c>email</c>, <c>tags[2]</c>.</param>
/// <param name="Code">One of API.md's codes, such as <c>duplicate_value</c>.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record FieldFault(string Field, string Code, string Message)
{
    /// <summary>The members that would have been accepted; null where that says nothing.</summary>
    public IReadOnlyList<string>? Accepted { get; init; }
}
