using System.Globalization;
using System.Text;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The results of a campaign.</summary>
internal sealed record Report(CampaignSettings Settings, FaultLog Faults, Tally Tally, Recoveries Recoveries, Violations Violations)
{
    /// <summary>The undisturbed rows per second.</summary>
    public double Pace { get; init; }

    /// <summary>The violations of the naive worker. There must be some.</summary>
    public ControlResult? Control { get; init; }

    /// <summary>The reasons why the campaign has failed; empty when it has not.</summary>
    public IReadOnlyList<string> Failures =>
    [
        .. Violations.Found,
        .. Control is { Violations: 0 } ? ["The naive worker showed no violation: this campaign proves nothing."] : Array.Empty<string>(),
    ];

    public override string ToString()
    {
        StringBuilder text = new();
        var engine = Settings.Engine ?? "default";
        Line($"Seed {Settings.Seed}, {Faults.Now.TotalSeconds:0} s, lease {Settings.Lease.TotalSeconds:0} s, engine {engine}");
        Line($"  chunks of {Settings.ChunkRows} rows");
        Line($"  {"fault",-50} {"times",6}");
        foreach (var (kind, count) in Faults.Counts) Line($"  {kind,-50} {count,6}");
        if (CampaignSettings.WhyClocksStay is { } why) Line($"  {"F15 clock an hour off",-50} not injected: {why}");
        Line($"  jobs {Tally.Jobs}, {Tally.Undos} of them undos, rows and targets {Tally.Rows}");
        Line($"  polls {Tally.Polls}, undisturbed {Pace:0} rows/s");
        Line($"  recoveries after F1: {Show(Recoveries.Undisturbed)}; those that other faults fell into as well: {Show(Recoveries.All)}");
        Line($"  bulk jobs through {Tally.Doors}");
        Line($"  jobs ended at most {Tally.Longest.TotalSeconds:0.0} s after the last fault in them");
        Line($"  T allows the lease, 10 s, and for the work itself 1 s and {Stage.Slack} × the rows under way / {Pace:0}");
        Line($"  late commits refused {Tally.LateCommits}, workers stalled until others had their lanes {Tally.StalledLosers}");
        Line($"    {Tally.UndisturbedLosers} of these had an undisturbed database; one of them that is not refused is a violation");
        foreach (var oddity in Tally.Oddities) Line($"  {oddity}");
        Line($"  naive worker: {Control?.Violations} violations in {Control?.Jobs} jobs and {Control?.Kills} kills");
        Line($"  violations {Violations.Count}");
        foreach (var failure in Failures) Line($"  FAILED {failure}");
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static string Show(IReadOnlyList<TimeSpan> times) => times.Count == 0
        ? "none"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{times.Count} lanes, median {times[times.Count / 2].TotalSeconds:0.0} s, most {times[^1].TotalSeconds:0.0} s");
}
