namespace Driftwood.FaultTests.Campaign;

/// <summary>The faults of the database and of the connection to it.</summary>
internal sealed class DatabaseFaults(Stage stage, CampaignServer server, Random random)
{
    private const int TerminationsInARow = 15;

    /// <summary>What the names of these faults begin with.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["F2 ", "F3 ", "F4 "];

    public async Task CrashAsync(string kind)
    {
        var (victim, crashAsync) = server.NextVictim();
        using var fault = stage.Faults.Begin(kind, victim);
        await crashAsync();
    }

    public async Task TerminateAsync(string kind)
    {
        using var fault = stage.Faults.Begin(kind, "all sessions");
        await stage.Observer.TerminateSessionsAsync();
    }

    /// <summary>Terminates sessions so fast that some are in the middle of their COMMIT.</summary>
    public async Task TerminateInARowAsync(string kind)
    {
        using var fault = stage.Faults.Begin(kind, "all sessions");
        for (var i = 0; i < TerminationsInARow; i++)
        {
            await stage.Observer.TerminateSessionsAsync();
            await Task.Delay(random.Next(5, 120));
        }
    }

    /// <summary>Cuts off one node alone, for up to a little more than its lease.</summary>
    public async Task DisturbWayAsync(string kind, Way way)
    {
        var node = await Stage.TakeAsync(stage.Nodes, random);
        using (stage.Faults.Begin(kind, node.Name))
        {
            node.Proxy.Make(way);
            await Task.Delay(TimeSpan.FromSeconds(0.5) + ((stage.Settings.Lease + TimeSpan.FromSeconds(2)) * random.NextDouble()));
            node.Proxy.Make(Way.Open);
        }

        node.GiveBack();
    }
}
