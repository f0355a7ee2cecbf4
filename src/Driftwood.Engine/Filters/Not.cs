namespace Driftwood.Engine.Filters;

/// <summary>Finds exactly the records that do not meet the condition, including records whose fields are blank.</summary>
/// <param name="Condition">Any condition, also another Not.</param>
public sealed record Not(Filter Condition) : Filter
{
    internal override int Depth => 1 + Condition.Depth;
}
