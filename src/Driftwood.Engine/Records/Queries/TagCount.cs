namespace Driftwood.Engine.Records.Queries;

/// <summary>A tag and how many records carry it.</summary>
/// <param name="Key">The key by which tags are compared.</param>
/// <param name="Tag">The tag in the spelling of the newest of those records.</param>
/// <param name="Count">The exact number of records.</param>
public sealed record TagCount(string Key, string Tag, long Count);
