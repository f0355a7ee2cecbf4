using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.FaultTests.Campaign;

/// <summary>One job of an account: the request and its expected result.</summary>
internal abstract class Work
{
    /// <summary>A name for people.</summary>
    public abstract string Name { get; }

    /// <summary>The routes by which the job is requested; null for an import.</summary>
    public virtual Door? Through => null;

    /// <summary>The number of rows or targets.</summary>
    public abstract int Rows { get; }

    /// <summary>The account's contacts after the job.</summary>
    public abstract ContactBook After { get; }

    /// <summary>The number of contacts that the job makes.</summary>
    public abstract int Created { get; }

    /// <summary>The route to poll.</summary>
    public abstract string GetRoute { get; }

    /// <summary>Requests the job. Returns its id.</summary>
    public abstract Task<Guid> StartAsync(Caller caller);

    /// <summary>Reads the progress from a poll's answer.</summary>
    public abstract Progress Read(JsonElement job);

    /// <summary>Lists how the end differs from the expected result, in counters and listed outcomes, one line per difference.</summary>
    public abstract Task<IReadOnlyList<string>> DifferencesAsync(Caller caller, JsonElement job);

    /// <summary>One of the doors that can say a job. Few jobs can be said by others, so these are preferred.</summary>
    protected static Door AnyDoor(Random random, JsonObject job)
    {
        var doors = Door.Of(job);
        return random.Next(4) == 0 ? Door.Native : doors[random.Next(Math.Min(1, doors.Count - 1), doors.Count)];
    }

    /// <summary>Makes a line, with examples, if two lists of outcomes differ.</summary>
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
/// <param name="Status">The status that callers see.</param>
/// <param name="Total">The number of rows or targets; 0 until they are found.</param>
/// <param name="Processed">The number of them that are processed.</param>
/// <param name="Outcomes">The count of each outcome. Their sum is the processed number.</param>
internal sealed record Progress(string Status, long Total, long Processed, long[] Outcomes)
{
    public bool IsEnded => Status is not ("pending" or "uploaded" or "processing");

    /// <summary>Compares with the progress before. Returns the breach of invariant S, or null.</summary>
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
