using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files;

/// <summary>The file cannot be read at all. A job that needs it fails.</summary>
public sealed class UnreadableFileException(string code, string message) : JobFailedException(message)
{
    /// <summary>A stable word such as <c>not_text</c> or <c>empty_file</c>.</summary>
    public string Code { get; } = code;
}
