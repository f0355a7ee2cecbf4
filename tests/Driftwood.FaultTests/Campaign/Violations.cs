using System.Globalization;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The invariants that did not hold. Each violation is printed at once, with the faults before it.</summary>
internal sealed class Violations(int seed, FaultLog faults, TextWriter output)
{
    private readonly Lock _lock = new();
    private readonly List<string> _found = [];

    public int Count
    {
        get
        {
            lock (_lock) return _found.Count;
        }
    }

    /// <summary>The violations, one per line.</summary>
    public IReadOnlyList<string> Found
    {
        get
        {
            lock (_lock) return [.. _found];
        }
    }

    /// <param name="invariant">S, D, L, X, T or I; or the fault whose promise did not hold.</param>
    /// <param name="job">The requested job with its id.</param>
    /// <param name="what">The observation.</param>
    public void Add(string invariant, string job, string what)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"{invariant} at {faults.Now.TotalSeconds:0.0} s, seed {seed}: {job}: {what}");
        lock (_lock)
        {
            _found.Add(text);
            output.WriteLine($"VIOLATION {text}\n  faults until then:\n{faults.History()}");
        }
    }
}
