namespace Driftwood.FaultTests.Campaign;

/// <summary>The result of the naive worker's run.</summary>
internal sealed record ControlResult(int Violations, int Jobs, int Kills);

/// <summary>
/// The negative control. It runs the same jobs, polls and comparisons with workers that write data first and counters later,
/// have no fence, and are killed now and then. A harness that finds no fault in them would find no fault in anything.
/// </summary>
internal sealed class Control(CampaignSettings settings, TextWriter output)
{
    private const int Workers = 2;

    // A single kill may hit a worker just after a checkpoint, where even this worker loses nothing.
    private const int MostKills = 30;

    // Gives disturbed jobs time to end, even on a busy machine.
    private static readonly TimeSpan MostWait = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(settings.Seed);
    private int _kills;

    public async Task<ControlResult> RunAsync(CampaignServer server)
    {
        var faults = new FaultLog(TextWriter.Null);
        var tally = new Tally();
        var violations = new Violations(settings.Seed, faults, TextWriter.Null);
        var calm = settings with { Lease = Lease, Apis = 1, Accounts = 2, Engine = null };
        using var site = new Site(server.ConnectionString("control", server.NewProxy()));
        await using var api = new Node("api", isApi: true, site, server, calm, tally);
        await api.StartAsync();
        using CancellationTokenSource noMore = new(), abandoned = new();
        var stage = new Stage(calm, faults, violations, tally, new Observer(site.ConnectionString), [api]) { Abandoned = abandoned.Token };
        var customers = await Customers.MakeAsync(stage, site, isPlain: true);
        var running = Task.WhenAll(customers.ConvertAll(customer => customer.RunAsync(noMore.Token)));
        var workers = Enumerable.Range(0, Workers).Select(_ => NaiveProcess.Start(site, Lease)).ToArray();
        while (faults.Now < settings.Control || (violations.Count == 0 && _kills < MostKills)) await KillAsync(workers, site, stage);
        await noMore.CancelAsync();
        await Task.WhenAny(running, Task.Delay(MostWait));
        await abandoned.CancelAsync();
        await running;
        foreach (var worker in workers) worker.Dispose();
        foreach (var found in violations.Found.Take(3)) output.WriteLine($"  naive worker, as it must be: {found}");
        return new ControlResult(violations.Count, tally.Jobs, _kills);
    }

    /// <summary>Kills a worker that has a lane at a random moment. Kills none if no worker has a lane.</summary>
    private async Task KillAsync(NaiveProcess[] workers, Site site, Stage stage)
    {
        await Task.Delay(_random.Next(500, 4_000));
        foreach (var (index, worker) in workers.Index())
        {
            if (!worker.HasExited && (await stage.Observer.HeldByAsync(worker.Id)).Count == 0) continue;
            using var fault = stage.Faults.Begin(FaultLog.KillOfWorker, "a naive worker");
            worker.Dispose();
            workers[index] = NaiveProcess.Start(site, Lease);
            _kills++;
            return;
        }
    }
}
