using System.Collections.Concurrent;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The parts of a campaign that all its participants share.</summary>
/// <param name="Settings">The settings of the campaign.</param>
/// <param name="Faults">The injected faults.</param>
/// <param name="Violations">The invariants that did not hold.</param>
/// <param name="Tally">The counters.</param>
/// <param name="Observer">Looks at the database.</param>
/// <param name="Nodes">The nodes that run the service.</param>
internal sealed record Stage(
    CampaignSettings Settings, FaultLog Faults, Violations Violations, Tally Tally, Observer Observer, IReadOnlyList<Node> Nodes)
{
    /// <summary>Work may take this many times longer than undisturbed work.</summary>
    public const int Slack = 2;

    // The campaign cannot judge a machine that is slower than this.
    private const int MostSlowdown = 4;

    private const int MostLines = 6;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    public IReadOnlyList<Node> Apis { get; } = [.. Nodes.Where(node => node.IsApi)];

    public IReadOnlyList<Node> Workers { get; } = [.. Nodes.Where(node => !node.IsApi)];

    /// <summary>Takes one of these nodes for a fault as soon as one is free. The caller must give it back.</summary>
    public static async Task<Node> TakeAsync(IReadOnlyList<Node> nodes, Random random)
    {
        while (true)
        {
            if (nodes.OrderBy(_ => random.Next()).FirstOrDefault(node => node.TryTake()) is { } free) return free;
            await Task.Delay(50);
        }
    }

    /// <summary>The rows per second of all accounts together without disturbance. It is set once it is known.</summary>
    public double Pace { get; set; } = 1_000;

    /// <summary>The campaign waits no longer for jobs that have not ended by then.</summary>
    public CancellationToken Abandoned { get; init; }

    /// <summary>The rows and targets of each running job.</summary>
    public ConcurrentDictionary<Guid, int> UnderWay { get; } = new();

    /// <summary>
    /// Invariant T: the lease, ten seconds after the last fault's end, and twice the undisturbed time for so many rows.
    /// </summary>
    /// <param name="rows">The rows of all jobs that shared the workers with this job.</param>
    /// <param name="pace">Rows per second of all accounts together since the fault. On a busy machine it is lower than at first, but it
    /// counts as a quarter at least.</param>
    public TimeSpan LimitOf(long rows, double pace) =>
        Settings.Lease + Promised + TimeSpan.FromSeconds(1 + (Slack * rows / Math.Clamp(pace, Pace / MostSlowdown, Pace)));

    /// <summary>Describes for people where a job's lanes stand and what the nodes' logs say about the job.</summary>
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
