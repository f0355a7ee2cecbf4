namespace Driftwood.Engine.Filters;

/// <summary>Records that meet all of its conditions.</summary>
public sealed record And : Filter
{
    private And(IReadOnlyList<Filter> conditions) => Conditions = conditions;

    /// <summary>At least two, none of them an And itself.</summary>
    public IReadOnlyList<Filter> Conditions { get; }

    internal override int Depth => 1 + Conditions.Max(condition => condition.Depth);

    /// <summary>The conditions joined: those of an And among them stand beside the others, and a single one stands for itself.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Filter Of(params IEnumerable<Filter> conditions)
    {
        Filter[] all = [.. conditions.SelectMany(condition => condition is And inner ? inner.Conditions : [condition])];
        return all.Length switch
        {
            0 => throw new ArgumentException("There must be a condition.", nameof(conditions)),
            1 => all[0],
            _ => new And(all),
        };
    }

    /// <inheritdoc/>
    public bool Equals(And? other) => other is not null && Conditions.SequenceEqual(other.Conditions);

    /// <inheritdoc/>
    public override int GetHashCode() => Conditions.Aggregate(Conditions.Count, HashCode.Combine);
}
