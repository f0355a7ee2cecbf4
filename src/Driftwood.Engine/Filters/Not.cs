namespace Driftwood.Engine.Filters;

/// <summary>Exactly the records that do not meet the condition, those among them whose fields are blank.</summary>
/// <param name="Condition">Any; it may be a Not itself.</param>
public sealed record Not(Filter Condition) : Filter
{
    internal override int Depth => 1 + Condition.Depth;
}
