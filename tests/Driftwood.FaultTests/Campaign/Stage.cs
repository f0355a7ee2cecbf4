namespace Driftwood.FaultTests.Campaign;

/// <summary>What everybody in a campaign sees.</summary>
/// <param name="Settings">What it is like.</param>
/// <param name="Faults">What was done to it.</param>
/// <param name="Violations">What was wrong.</param>
/// <param name="Tally">What was counted.</param>
/// <param name="Observer">Looks at the database.</param>
/// <param name="Nodes">Where the service runs.</param>
internal sealed record Stage(CampaignSettings Settings, FaultLog Faults, Violations Violations, Tally Tally, Observer Observer, IReadOnlyList<Node> Nodes)
{
    /// <summary>Twice what a job takes while all other accounts take their share.</summary>
    public const int Slack = 2;

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

    /// <summary>Invariant T: the lease and ten seconds after the last fault's end, and what the work takes undisturbed beside the other accounts'.</summary>
    public TimeSpan LimitOf(Work work) => Settings.Lease + Promised + TimeSpan.FromSeconds(1 + (Slack * Settings.Accounts * work.Rows / Pace));
}
