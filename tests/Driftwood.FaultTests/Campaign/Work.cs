using System.Text.Json;

namespace Driftwood.FaultTests.Campaign;

/// <summary>One job of an account: what is asked, and what must come of it.</summary>
internal abstract class Work
{
    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>Rows or targets.</summary>
    public abstract int Rows { get; }

    /// <summary>The account's contacts afterwards.</summary>
    public abstract ContactBook After { get; }

    /// <summary>Contacts it makes.</summary>
    public abstract int Created { get; }

    /// <summary>The route to poll.</summary>
    public abstract string GetRoute { get; }

    /// <summary>Asks for it; the job's id.</summary>
    public abstract Task<Guid> StartAsync(Caller caller);

    /// <summary>What a poll says.</summary>
    public abstract Progress Read(JsonElement job);

    /// <summary>How the end differs from what must have come of it: counters, and the outcomes that are listed; a line each.</summary>
    public abstract Task<IReadOnlyList<string>> DifferencesAsync(Caller caller, JsonElement job);

    /// <summary>A line where two lists of outcomes differ, with examples.</summary>
    protected static IEnumerable<string> Compare(string what, IReadOnlyCollection<string> expected, IReadOnlyCollection<string> found)
    {
        if (found.Distinct().Count() < found.Count)
        {
            yield return $"{what} listed twice: {found.CountBy(line => line).First(line => line.Value > 1).Key}";
        }
        var (missing, surplus) = (expected.Except(found).ToList(), found.Except(expected).ToList());
        if (missing.Count + surplus.Count > 0)
            yield return $"{what}: {missing.Count} missing ({string.Join(", ", missing.Take(3))}), {surplus.Count} too many "
                + $"({string.Join(", ", surplus.Take(3))})";
    }

    protected static long Count(JsonElement job, string member) => job.GetProperty(member).GetInt64();
}

/// <summary>A job at one moment.</summary>
/// <param name="Status">As callers see it.</param>
/// <param name="Total">Rows or targets; 0 until they are found.</param>
/// <param name="Processed">Of them, those dealt with.</param>
/// <param name="Outcomes">How many of each outcome there are; they add up to what is dealt with.</param>
internal sealed record Progress(string Status, long Total, long Processed, long[] Outcomes)
{
    public bool IsEnded => Status is not ("pending" or "uploaded" or "processing");

    /// <summary>What invariant S forbids, with what was seen before; else null.</summary>
    public string? FaultAfter(Progress? before)
    {
        if (Outcomes.Sum() != Processed || Processed > Total) return "the counters do not add up";
        if (before is not null && (Processed < before.Processed || Outcomes.Zip(before.Outcomes).Any(pair => pair.First < pair.Second)))
        {
            return "a counter has fallen";
        }
        if (before is { IsEnded: true } && Status != before.Status) return "an ended job goes on";
        return Status == "completed" && Processed != Total ? "completed too early" : null;
    }

    public override string ToString() => $"{Status} {Processed} of {Total} ({string.Join('/', Outcomes)})";
}
