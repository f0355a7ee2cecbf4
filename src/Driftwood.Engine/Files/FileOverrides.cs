namespace Driftwood.Engine.Files;

/// <summary>What a caller knows better than the file shows; null means find it.</summary>
/// <param name="Encoding">The name of an encoding that the kind of file knows.</param>
/// <param name="Delimiter">One ASCII character.</param>
/// <param name="HasHeader">Whether the first record names the columns.</param>
public sealed record FileOverrides(string? Encoding = null, char? Delimiter = null, bool? HasHeader = null);
