namespace Driftwood.Engine.Filters;

/// <summary>
/// A condition on records: a tree of <see cref="And"/>, <see cref="Or"/> and <see cref="Not"/> with a <see cref="Comparison"/> at
/// every leaf. Always canonical (no And stands in an And, no Or in an Or, none has a single condition) and compared by content,
/// so that what is written of a tree is read back as an equal one.
/// </summary>
public abstract record Filter
{
    private protected Filter()
    {
    }

    /// <summary>The number of And, Or and Not around the deepest comparison.</summary>
    internal abstract int Depth { get; }
}
