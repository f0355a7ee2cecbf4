using Driftwood.Engine.Records.Text;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The settings of a campaign. The defaults are those of a long run.</summary>
internal sealed record CampaignSettings
{
    /// <summary>Draws jobs and faults. The outcome depends on the machine's pace as well.</summary>
    public required int Seed { get; init; }

    /// <summary>How long faults are injected, including the calm between rounds.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The nodes' lease in whole seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a round draws faults. Afterwards the campaign ends all faults, and the running jobs must end in time.</summary>
    public TimeSpan Round { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The longest pause between two faults of a round.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The undisturbed work at the beginning. It measures this machine's pace.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the naive worker runs afterwards. It goes on until it shows a violation.</summary>
    public TimeSpan Control { get; init; } = TimeSpan.FromSeconds(60);

    public int Apis { get; init; } = 2;

    public int Workers { get; init; } = 3;

    /// <summary>The number of callers whose jobs run side by side. Each caller runs its own jobs one after the other.</summary>
    public int Accounts { get; init; } = 4;

    /// <summary>The number of rows of the largest imports.</summary>
    public int MostRows { get; init; } = 60_000;

    /// <summary>The rows of a chunk. The number is small, so faults can hit a job at many moments.</summary>
    public int ChunkRows { get; init; } = 500;

    /// <summary>The nodes' job engine; null for their default. Without a setting, it is the engine that the environment names.</summary>
    public string? Engine { get; init; } = ServiceProcess.InheritedEngine;

    /// <summary>The mode of a pooler between the nodes and the database, such as transaction; null for none.</summary>
    public string? Pooler { get; init; }

    /// <summary>The workers of a Citus cluster over which the accounts are spread; 0 for one plain PostgreSQL.</summary>
    public int CitusWorkers { get; init; }

    /// <summary>The numbers of the faults to inject, such as F2; empty for all.</summary>
    public IReadOnlyCollection<string> Only { get; init; } = [];

    /// <summary>The reason why F15 is not injected; null when it is.</summary>
    public static string? WhyClocksStay => FakeTime.Library is null ? "libfaketime is not installed" : null;

    /// <summary>Says whether the campaign injects a fault.</summary>
    /// <param name="kind">The fault's number, a blank, and its description.</param>
    public bool Injects(string kind)
    {
        var number = kind[..kind.IndexOf(' ', StringComparison.Ordinal)];
        return (Only.Count == 0 || Only.Contains(number)) && (number != "F15" || WhyClocksStay is null);
    }

    /// <summary>The campaign stops after this many violations, because more would tell nothing new.</summary>
    public int MostViolations { get; init; } = 10;
}
