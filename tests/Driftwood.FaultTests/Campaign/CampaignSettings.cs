using Driftwood.Engine.Records.Text;

namespace Driftwood.FaultTests.Campaign;

/// <summary>What a campaign is like. The defaults are those of a long run.</summary>
internal sealed record CampaignSettings
{
    /// <summary>Draws jobs and faults; what comes of them hangs on the machine's pace as well.</summary>
    public required int Seed { get; init; }

    /// <summary>How long faults are injected, the calm between rounds of them included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The nodes' lease, whole seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Faults are drawn for so long; then all is put in order, and the jobs under way must end in time.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The longest pause between two faults of a round.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Undisturbed work at the beginning, which tells this machine's pace.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the naive worker is tried afterwards.</summary>
    public TimeSpan Control { get; init; } = TimeSpan.FromSeconds(60);

    public int Apis { get; init; } = 2;

    public int Workers { get; init; } = 3;

    /// <summary>Callers whose jobs run side by side; each runs its own one after the other.</summary>
    public int Accounts { get; init; } = 4;

    /// <summary>Rows of the largest imports.</summary>
    public int MostRows { get; init; } = 60_000;

    /// <summary>Small, so that a job has many moments to be disturbed in.</summary>
    public int ChunkRows { get; init; } = 500;

    /// <summary>The nodes' job engine; null: their default. Not given, the one that the environment gives them.</summary>
    public string? Engine { get; init; } = ServiceProcess.InheritedEngine;

    /// <summary>Numbers of the faults to inject, such as F2; empty: all.</summary>
    public IReadOnlyCollection<string> Only { get; init; } = [];

    /// <summary>Why F15 is not injected; null when it is.</summary>
    public static string? WhyClocksStay => FakeTime.Library is null ? "libfaketime is not installed" : null;

    /// <summary>Whether a fault is injected.</summary>
    /// <param name="kind">Its number, a blank, and what it is.</param>
    public bool Injects(string kind)
    {
        var number = kind[..kind.IndexOf(' ', StringComparison.Ordinal)];
        return (Only.Count == 0 || Only.Contains(number)) && (number != "F15" || WhyClocksStay is null);
    }

    /// <summary>Violations after which going on tells nothing more.</summary>
    public int MostViolations { get; init; } = 10;
}
