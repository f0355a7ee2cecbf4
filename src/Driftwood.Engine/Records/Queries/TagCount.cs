namespace Driftwood.Engine.Records.Queries;

/// <summary>A tag and how many records carry it.</summary>
/// <param name="Key">What it is compared by.</param>
/// <param name="Tag">As the newest of those records spells it.</param>
/// <param name="Count">Exact.</param>
public sealed record TagCount(string Key, string Tag, long Count);
