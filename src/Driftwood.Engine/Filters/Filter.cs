namespace Driftwood.Engine.Filters;

/// <summary>
/// A condition on records: a tree of <see cref="And"/>, <see cref="Or"/> and <see cref="Not"/> with a <see cref="Comparison"/> at
/// every leaf. A filter is always canonical: no And is in an And, no Or is in an Or, and none has a single condition. Filters are
/// compared by content, so a filter that is written and read back is equal to the original.
/// </summary>
public abstract record Filter
{
    private protected Filter()
    {
    }

    /// <summary>The number of And, Or and Not around the deepest comparison.</summary>
    internal abstract int Depth { get; }
}
