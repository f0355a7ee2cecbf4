using System.Globalization;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Where an invariant did not hold; each is told at once, with the faults before it.</summary>
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

    /// <summary>A line each.</summary>
    public IReadOnlyList<string> Found
    {
        get
        {
            lock (_lock) return [.. _found];
        }
    }

    /// <param name="invariant">S, D, L, X, T or I; or the fault that something is promised of.</param>
    /// <param name="job">What was asked for, with its id.</param>
    /// <param name="what">What was seen.</param>
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
