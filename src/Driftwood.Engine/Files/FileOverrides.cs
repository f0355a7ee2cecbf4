namespace Driftwood.Engine.Files;

/// <summary>Properties of a file that the caller specifies. Null means that they are detected.</summary>
/// <param name="Encoding">The name of an encoding that the kind of file supports.</param>
/// <param name="Delimiter">One ASCII character.</param>
/// <param name="HasHeader">Whether the first record names the columns.</param>
public sealed record FileOverrides(string? Encoding = null, char? Delimiter = null, bool? HasHeader = null);
