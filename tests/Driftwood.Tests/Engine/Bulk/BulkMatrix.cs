namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Which cells random cases have met, so that none is left out unnoticed.</summary>
internal sealed class BulkMatrix
{
    private const int MoreRounds = 50;

    private readonly HashSet<BulkCell> _met = [];
    private readonly HashSet<string> _succeeded = [];
    private int _cases;

    /// <param name="cell">Of a case.</param>
    /// <param name="outcomes">Of its targets; null where one succeeded.</param>
    public void Add(BulkCell cell, IReadOnlyCollection<string?> outcomes)
    {
        _cases++;
        if (outcomes.Count > 0) _met.Add(cell);
        if (outcomes.Contains(null)) _succeeded.UnionWith(Sides(cell));
    }

    /// <summary>
    /// The seeds, then more of the cells that had no case with targets in them: of what is drawn, some find none, and some are
    /// refused as a whole. Of fewer than four cases a cell nothing is completed.
    /// </summary>
    public IEnumerable<int> Complete(IEnumerable<int> seeds)
    {
        var next = 0;
        foreach (var seed in seeds)
        {
            next = seed + 1;
            yield return seed;
        }

        if (_cases < BulkCell.All.Count * 4) yield break;
        foreach (var seed in Enumerable.Range(next, MoreRounds * BulkCell.All.Count))
        {
            if (!_met.Contains(BulkCell.OfSeed(seed))) yield return seed;
        }
    }

    /// <summary>
    /// Each cell had a case with targets, and each operation succeeded with each selection and on each family. Of fewer than four
    /// cases a cell nothing is required.
    /// </summary>
    public void RequireAllMet()
    {
        if (_cases < BulkCell.All.Count * 4) return;
        Assert.Empty(BulkCell.All.Except(_met));
        Assert.Empty(BulkCell.All.SelectMany(Sides).Except(_succeeded));
    }

    private static IEnumerable<string> Sides(BulkCell cell) =>
        [$"{cell.Operation} by {cell.Selection}", $"{cell.Operation} of {cell.Family}"];
}
