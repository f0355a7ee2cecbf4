namespace Driftwood.Engine.Files;

/// <summary>The file cannot be read at all.</summary>
public sealed class UnreadableFileException(string code, string message) : Exception(message)
{
    /// <summary>A stable word such as <c>not_text</c> or <c>empty_file</c>.</summary>
    public string Code { get; } = code;
}
