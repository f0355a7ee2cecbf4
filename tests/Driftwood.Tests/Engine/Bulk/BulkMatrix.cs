namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Records the cells of random cases, so that no cell is left out unnoticed.</summary>
internal sealed class BulkMatrix
{
    private const int MoreRounds = 50;

    private readonly HashSet<BulkCell> _met = [];
    private readonly HashSet<string> _succeeded = [];
    private int _cases;

    /// <param name="cell">The cell of a case.</param>
    /// <param name="outcomes">The outcomes of its targets; null for a success.</param>
    public void Add(BulkCell cell, IReadOnlyCollection<string?> outcomes)
    {
        _cases++;
        if (outcomes.Count > 0) _met.Add(cell);
        if (outcomes.Contains(null)) _succeeded.UnionWith(Sides(cell));
    }

    /// <summary>
    /// Returns the seeds, then more seeds for the cells that had no case with targets. Some random cases find no targets, and some are
    /// refused as a whole. With fewer than four cases per cell it adds nothing.
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
    /// Requires that each cell had a case with targets, and that each operation succeeded with each selection and on each family.
    /// With fewer than four cases per cell it requires nothing.
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
