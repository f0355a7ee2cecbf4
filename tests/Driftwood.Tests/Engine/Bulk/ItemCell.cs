using Driftwood.Engine.Bulk.Items;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>One combination of action and family for a bulk job with items.</summary>
/// <param name="Family">One of <see cref="RandomTypes.Families"/>.</param>
internal sealed record ItemCell(ItemAction Action, string Family)
{
    public static IReadOnlyList<ItemCell> All { get; } =
        [.. from action in Enum.GetValues<ItemAction>() from family in RandomTypes.Families select new ItemCell(action, family)];

    /// <summary>Consecutive seeds go through all cells.</summary>
    public static ItemCell OfSeed(int seed) => All[seed % All.Count];
}
