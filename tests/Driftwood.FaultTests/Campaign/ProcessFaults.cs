using System.Diagnostics;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The faults of processes. Each process is started again, as a supervisor would.</summary>
internal sealed class ProcessFaults(Stage stage, Recoveries recoveries, Random random)
{
    private const int StormKills = 6;
    private const int ShownLines = 20;

    private static readonly TimeSpan MostExit = TimeSpan.FromSeconds(15);
    // The statement that was under way, and those of the chunk after it, come before the refusal; a busy machine needs a while for them.
    private static readonly TimeSpan MostWaitForRefusal = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MostWaitForWork = TimeSpan.FromSeconds(2);

    public Task KillWorkerAsync(string kind) => WithAsync(stage.Workers, kind, async node =>
    {
        await UntilItWorksAsync(node);
        using var fault = stage.Faults.Begin(kind, node.Name);
        recoveries.Watch(await node.KillAsync());
        await node.StartAsync();
    });

    public Task KillApiAsync(string kind) => WithAsync(stage.Apis, kind, async node =>
    {
        using var fault = stage.Faults.Begin(kind, node.Name);
        await node.KillAsync();
        await node.StartAsync();
    });

    /// <summary>Kills workers, one in each half lease. There must still be progress.</summary>
    public async Task StormAsync(string kind)
    {
        using var fault = stage.Faults.Begin(kind, "workers");
        var before = await stage.Observer.ProcessedAsync();
        List<Task> starting = [];
        for (var kill = 0; kill < StormKills; kill++)
        {
            starting.Add(WithAsync(stage.Workers, kind, async node =>
            {
                await UntilItWorksAsync(node);
                using var each = stage.Faults.Begin(FaultLog.KillOfWorker, $"{node.Name}, in a storm");
                recoveries.Watch(await node.KillAsync());
                await node.StartAsync();
            }));
            await Task.Delay(stage.Settings.Lease / 2);
            // On a busy machine a start takes longer than the pause. One worker must remain to make progress.
            while (stage.Workers.Count(worker => worker.Process is not null) < 2) await Task.Delay(50);
        }

        var after = await stage.Observer.ProcessedAsync();
        if (after <= before)
        {
            stage.Violations.Add("F1", "all jobs", $"{StormKills} kills, one each half lease, and no progress beyond {before} rows");
        }
        await Task.WhenAll(starting);
    }

    /// <summary>Sends SIGSTOP until another process has the lanes, then SIGCONT. The worker's late commits must be refused.</summary>
    public Task StallAsync(string kind) => WithAsync(stage.Workers, kind, async node =>
    {
        await UntilItWorksAsync(node);
        using var fault = stage.Faults.Begin(kind, node.Name);
        var process = node.Process!;
        var stalledAt = stage.Faults.Now;
        await process.SignalAsync("STOP");
        // The server still ends what it was told to do before, such as to release a lane.
        await Task.Delay(stage.Settings.Lease / 6);
        var held = await stage.Observer.HeldByAsync(process.Id);
        await Task.Delay(stage.Settings.Lease + TimeSpan.FromSeconds(1 + (2 * random.NextDouble())));
        var lost = await stage.Observer.TakenOfAsync(held);
        await process.SignalAsync("CONT");
        if (lost.Count == 0) return;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < MostWaitForRefusal && !IsRefused()) await Task.Delay(50);
        // A worker that cannot reach the database has nothing to be refused.
        var isUndisturbed = !stage.Faults.WasDatabaseDisturbedSince(stalledAt);
        stage.Tally.LoserStalled(isUndisturbed);
        if (IsRefused() || !isUndisturbed) return;
        stage.Violations.Add(
            "F11", node.Name,
            $"stalled until others had {string.Join(", ", lost)}, and no late write was refused\n"
                + string.Join('\n', process.Output.TakeLast(ShownLines)));

        bool IsRefused() => process.Output.Any(line => lost.Any(lane => Tally.IsLateCommit(line, lane)));
    });

    public Task TerminateAsync(string kind) => WithAsync(stage.Nodes, kind, async node =>
    {
        using var fault = stage.Faults.Begin(kind, node.Name);
        var left = await node.TerminateAsync(MostExit);
        if (left is not { ExitCode: 0 })
        {
            stage.Violations.Add(
                "F13", node.Name,
                left is { ExitCode: var code } ? $"exit code {code} after SIGTERM"
                : $"still there {MostExit.TotalSeconds} s after SIGTERM");
        }
        await node.StartAsync();
    });

    public Task TerminateAndKillAsync(string kind) => WithAsync(stage.Workers, kind, async node =>
    {
        await UntilItWorksAsync(node);
        using var fault = stage.Faults.Begin(kind, node.Name);
        await node.Process!.SignalAsync("TERM");
        await Task.Delay(random.Next(1, 150));
        await node.KillAsync();
        await node.StartAsync();
    });

    /// <summary>The clock stays wrong until the node is started again for another reason.</summary>
    public Task MoveClockAsync(string kind) => WithAsync(stage.Nodes, kind, async node =>
    {
        var offset = random.Next(2) == 0 ? "+1h" : "-1h";
        using var fault = stage.Faults.Begin(kind, $"{node.Name} {offset}");
        await node.KillAsync();
        await node.StartAsync(FakeTime.Environment(offset));
        if (!await FakeTime.IsOffAsync(node.Address!))
        {
            stage.Violations.Add("F15", node.Name, "its clock is not off: the fault was not injected");
        }
    });

    private async Task WithAsync(IReadOnlyList<Node> nodes, string kind, Func<Node, Task> act)
    {
        var node = await Stage.TakeAsync(nodes, random);
        if (node.Process is { HasExited: true }) stage.Violations.Add("process", node.Name, $"it had ended by itself before {kind}");
        await act(node);
        node.GiveBack();
    }

    // Waits until a random moment after the node has begun to work, but not for long.
    private async Task UntilItWorksAsync(Node node)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < MostWaitForWork && (await stage.Observer.HeldByAsync(node.Process!.Id)).Count == 0) await Task.Delay(20);
        await Task.Delay(random.Next(250));
    }
}
