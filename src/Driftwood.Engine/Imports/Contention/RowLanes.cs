using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>Tells the lane of an import's row. Rows of one match key are in the same lane, those of contested keys in lane 0.</summary>
/// <param name="plan">The import.</param>
/// <param name="count">The number of its lanes.</param>
/// <param name="contested">The keys whose rows depend on rows of other keys.</param>
internal sealed class RowLanes(ImportPlan plan, int count, ContestedKeys contested) : IDisposable
{
    private readonly RowKeys _keys = new(plan);

    /// <summary>The current row's lane, from 0.</summary>
    public int Of(RowReader rows)
    {
        if (count == 1) return 0;
        if (rows.Fault is not null) return ByNumber(rows);
        var key = _keys.OfRow(rows, out var isBlank);
        if (contested.Contains(key)) return 0;
        return isBlank ? ByNumber(rows) : KeyHash.Lane(key, count);
    }

    public void Dispose() => _keys.Dispose();

    private int ByNumber(RowReader rows) => (int)(rows.RowNumber % count);
}
