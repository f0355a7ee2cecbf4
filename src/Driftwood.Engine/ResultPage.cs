namespace Driftwood.Engine;

/// <summary>Some results of a job, in the order of its rows or targets.</summary>
/// <param name="Items">The results. There may be none although more follow.</param>
/// <param name="Next">The row or target after which the next page begins; null on the last page.</param>
public sealed record ResultPage<T>(IReadOnlyList<T> Items, long? Next);
