namespace Driftwood.Engine.Filters;

/// <summary>Finds the records that meet all of its conditions.</summary>
public sealed record And : Filter
{
    private And(IReadOnlyList<Filter> conditions) => Conditions = conditions;

    /// <summary>At least two conditions. None of them is an And.</summary>
    public IReadOnlyList<Filter> Conditions { get; }

    internal override int Depth => 1 + Conditions.Max(condition => condition.Depth);

    /// <summary>Joins the conditions. A nested And is dissolved into its conditions; a single condition stays as it is.</summary>
    /// <exception cref="ArgumentException">There are no conditions.</exception>
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
