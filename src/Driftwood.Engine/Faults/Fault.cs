namespace Driftwood.Engine.Faults;

/// <summary>Why something that a caller gave is refused. Messages show a value only in part.</summary>
/// <param name="Path">
/// The member of the request, such as <c>custom.grade</c>, <c>tags[2]</c> or <c>filter.and[0].value</c>; empty for a cell, whose
/// column and field stand in the row error.
/// </param>
/// <param name="Code">One of <see cref="FaultCodes.Meanings"/>.</param>
/// <param name="Message">The found and the expected value, in words for people.</param>
/// <param name="Accepted">The accepted values, if there is a list of them.</param>
public sealed record Fault(string Path, string Code, string Message, IReadOnlyList<string>? Accepted = null)
{
    /// <summary>A fault whose place the caller knows.</summary>
    public Fault(string code, string message)
        : this("", code, message)
    {
    }

    /// <summary>The same fault in a place.</summary>
    public Fault At(string path) => this with { Path = path };
}
