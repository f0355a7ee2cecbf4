namespace Driftwood.FaultTests.Campaign;

/// <summary>One seeded random source for faults that run at the same time.</summary>
internal sealed class SharedRandom(int seed) : Random(seed)
{
    private readonly Lock _lock = new();

    public override int Next()
    {
        lock (_lock) return base.Next();
    }

    public override int Next(int maxValue)
    {
        lock (_lock) return base.Next(maxValue);
    }

    public override int Next(int minValue, int maxValue)
    {
        lock (_lock) return base.Next(minValue, maxValue);
    }

    public override double NextDouble()
    {
        lock (_lock) return base.NextDouble();
    }
}
