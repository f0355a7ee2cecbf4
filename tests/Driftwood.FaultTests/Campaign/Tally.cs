using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The counters of a campaign.</summary>
internal sealed partial class Tally
{
    private readonly ConcurrentDictionary<string, int> _errors = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentDictionary<string, int> _doors = new();
    private readonly ConcurrentBag<string> _samples = [];
    private int _jobs;
    private int _undos;
    private long _rows;
    private int _polls;
    private int _lateCommits;
    private int _stalledLosers;
    private int _undisturbedLosers;
    private long _longestTicks;

    public int Jobs => _jobs;

    /// <summary>Those of the jobs that took another job back.</summary>
    public int Undos => _undos;

    /// <summary>The rows and targets of the jobs that ended.</summary>
    public long Rows => _rows;

    /// <summary>The routes by which the bulk jobs that ended were requested, with their numbers.</summary>
    public string Doors => string.Join(", ", _doors.OrderBy(door => door.Key).Select(door => $"{door.Key} {door.Value}"));

    /// <summary>The number of answered polls.</summary>
    public int Polls => _polls;

    /// <summary>Counts event 208 in the nodes' logs: a refused chunk, plan or release, because its worker had lost the lane.</summary>
    public int LateCommits => _lateCommits;

    /// <summary>The number of workers that stalled until another worker had one of their lanes.</summary>
    public int StalledLosers => _stalledLosers;

    /// <summary>Those of the stalled workers whose database had no fault meanwhile. Each must be refused a late write.</summary>
    public int UndisturbedLosers => _undisturbedLosers;

    /// <summary>The errors that nodes logged, by category and event, and the 5xx answers, by route and code.</summary>
    public IEnumerable<string> Oddities =>
        [.. _errors.OrderBy(e => e.Key).Select(e => $"logged {e.Key}: {e.Value}"),
            .. _answers.OrderBy(a => a.Key).Select(a => $"answered {a.Key}: {a.Value}"), .. _samples.Take(3)];

    /// <summary>The longest time from the end of a fault to the end of a job that it hit.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longestTicks));

    public void EndedAfter(TimeSpan fault) => InterlockedMax(fault.Ticks);

    public void JobEnded(Work work)
    {
        Interlocked.Increment(ref _jobs);
        Interlocked.Add(ref _rows, work.Rows);
        if (work is UndoWork) Interlocked.Increment(ref _undos);
        if (work.Through is { } door) _doors.AddOrUpdate(door.Name, 1, (_, count) => count + 1);
    }

    public void Polled() => Interlocked.Increment(ref _polls);

    public void LoserStalled(bool isUndisturbed)
    {
        Interlocked.Increment(ref _stalledLosers);
        if (isUndisturbed) Interlocked.Increment(ref _undisturbedLosers);
    }

    public void Answered(string route, int status, string code) =>
        _answers.AddOrUpdate($"{route} {status} {code}", 1, (_, count) => count + 1);

    /// <summary>Says whether a line of a log reports a late commit.</summary>
    public static bool IsLateCommit(string line) => line.Contains("LaneRunner[208]", StringComparison.Ordinal);

    /// <summary>Says whether a line of a log reports a late commit in a lane.</summary>
    public static bool IsLateCommit(string line, HeldLane lane) =>
        IsLateCommit(line)
        && line.Contains($"Lane {lane.Lane} of job {lane.Job}: a write with fence {lane.Fence} ", StringComparison.Ordinal);

    /// <summary>Counts the output of a process that has ended.</summary>
    public void Read(IEnumerable<string> output)
    {
        var lines = output.ToList();
        foreach (var (index, line) in lines.Index())
        {
            if (IsLateCommit(line)) Interlocked.Increment(ref _lateCommits);
            if (Failure().Match(line) is not { Success: true } failure) continue;
            _errors.AddOrUpdate(failure.Value, 1, (_, count) => count + 1);
            if (_samples.Count < 3) _samples.Add(string.Join('\n', lines.Skip(index).Take(6)));
        }
    }

    private void InterlockedMax(long ticks)
    {
        for (var seen = Interlocked.Read(ref _longestTicks); ticks > seen;)
        {
            var before = Interlocked.CompareExchange(ref _longestTicks, ticks, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    [GeneratedRegex(@"(?<=^\S+ )(fail|crit): \S+")]
    private static partial Regex Failure();
}
