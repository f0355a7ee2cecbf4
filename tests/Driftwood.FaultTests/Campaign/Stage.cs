using System.Collections.Concurrent;

namespace Driftwood.FaultTests.Campaign;

/// <summary>What everybody in a campaign sees.</summary>
/// <param name="Settings">What it is like.</param>
/// <param name="Faults">What was done to it.</param>
/// <param name="Violations">What was wrong.</param>
/// <param name="Tally">What was counted.</param>
/// <param name="Observer">Looks at the database.</param>
/// <param name="Nodes">Where the service runs.</param>
internal sealed record Stage(
    CampaignSettings Settings, FaultLog Faults, Violations Violations, Tally Tally, Observer Observer, IReadOnlyList<Node> Nodes)
{
    /// <summary>How many times longer than undisturbed work may take.</summary>
    public const int Slack = 2;

    // A machine that is slower than that leaves nothing to judge.
    private const int MostSlowdown = 4;

    private const int MostLines = 6;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    public IReadOnlyList<Node> Apis { get; } = [.. Nodes.Where(node => node.IsApi)];

    public IReadOnlyList<Node> Workers { get; } = [.. Nodes.Where(node => !node.IsApi)];

    /// <summary>Takes one of some nodes for a fault, as soon as one is free; to be given back.</summary>
    public static async Task<Node> TakeAsync(IReadOnlyList<Node> nodes, Random random)
    {
        while (true)
        {
            if (nodes.OrderBy(_ => random.Next()).FirstOrDefault(node => node.TryTake()) is { } free) return free;
            await Task.Delay(50);
        }
    }

    /// <summary>Rows a second that all accounts together got undisturbed; set once that is known.</summary>
    public double Pace { get; set; } = 1_000;

    /// <summary>Jobs that have not ended by then are waited for no longer.</summary>
    public CancellationToken Abandoned { get; init; }

    /// <summary>Rows and targets of the jobs that are under way, by job.</summary>
    public ConcurrentDictionary<Guid, int> UnderWay { get; } = new();

    /// <summary>
    /// Invariant T: the lease and ten seconds after the last fault's end, and what so many rows take undisturbed, twice over.
    /// </summary>
    /// <param name="rows">Of all jobs that shared the workers with the one in question.</param>
    /// <param name="pace">Rows a second of all accounts together since the fault: on a busy machine fewer than at first, but a quarter at
    /// least.</param>
    public TimeSpan LimitOf(long rows, double pace) =>
        Settings.Lease + Promised + TimeSpan.FromSeconds(1 + (Slack * rows / Math.Clamp(pace, Pace / MostSlowdown, Pace)));

    /// <summary>For people: where a job's lanes stand, and what the nodes' logs say of it.</summary>
    public async Task<string> DescribeAsync(Guid job)
    {
        var lanes = await Observer.ReadAsync(
            "select concat_ws(' ', 'lane', lane, status, 'cursor', cursor, 'processed', processed, 'fence', fence, 'attempts', attempts, "
                + "'retries', retries, owner, leased_until - clock_timestamp()) from lanes where job_id = @job order by lane",
            reader => reader.GetString(0), ("job", job));
        var said = Nodes.SelectMany(node => node.Process?.Output ?? []).Where(line => line.Contains($"{job}", StringComparison.Ordinal))
            .TakeLast(MostLines);
        return string.Join("\n    ", ["", .. lanes, .. said]);
    }
}
