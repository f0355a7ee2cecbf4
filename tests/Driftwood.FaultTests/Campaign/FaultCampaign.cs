using System.Globalization;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>
/// Runs real processes on a real server with a steady supply of jobs and faults drawn by a seed. Faults come in rounds. After each
/// round comes a calm in which the running jobs must end in time. Finally a naive worker runs the same jobs.
/// </summary>
internal sealed class FaultCampaign(CampaignSettings settings, TextWriter output)
{
    // Without a lower bound, a bad moment at the beginning would give every job endless time.
    private const double LeastPace = 500;

    private static readonly TimeSpan MostCalm = TimeSpan.FromMinutes(4);

    private readonly FaultLog _faults = new(output);
    private readonly Tally _tally = new();

    public async Task<Report> RunAsync()
    {
        output.WriteLine(
            $"Campaign with seed {settings.Seed}: {settings.Duration.TotalSeconds:0} s of faults, lease {settings.Lease.TotalSeconds:0} s, "
            + $"{settings.Apis} API nodes, {settings.Workers} workers, {settings.Accounts} accounts");
        await using var server = await CampaignServer.StartAsync(settings.Pooler, settings.CitusWorkers);
        var violations = new Violations(settings.Seed, _faults, output);
        var report = await RunAsync(server, violations);
        report = report with { Control = await new Control(settings, output).RunAsync(server) };
        output.WriteLine(report.ToString());
        return report;
    }

    private async Task<Report> RunAsync(CampaignServer server, Violations violations)
    {
        await server.MakeDatabaseAsync("campaign");
        using var site = new Site(server.ConnectionString("campaign", server.NewProxy()));
        Node[] nodes =
        [
            .. Enumerable.Range(1, settings.Apis).Select(n => new Node($"api {n}", isApi: true, site, server, settings, _tally)),
            .. Enumerable.Range(1, settings.Workers).Select(n => new Node($"worker {n}", isApi: false, site, server, settings, _tally)),
        ];
        var observer = new Observer(site.ConnectionString);
        var stage = new Stage(settings, _faults, violations, _tally, observer, nodes);
        var recoveries = new Recoveries(observer, _faults);
        try
        {
            // The first node makes the schema, if the database has none.
            await nodes[0].StartAsync();
            await Task.WhenAll(nodes.Skip(1).Select(node => node.StartAsync()));
            using var injectors = new Injectors(stage, server, recoveries, new SharedRandom(settings.Seed));
            await RunAsync(stage, site, injectors);
            await recoveries.EndAsync();
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }

        return new Report(settings, _faults, _tally, recoveries, violations) { Pace = stage.Pace };
    }

    private async Task RunAsync(Stage stage, Site site, Injectors injectors)
    {
        using var noMore = new CancellationTokenSource();
        var bystander = await Bystander.MakeAsync(stage, site);
        var customers = await Customers.MakeAsync(stage, site);
        var running = customers.ConvertAll(customer => customer.RunAsync(noMore.Token));
        var before = await stage.Observer.ProcessedAsync();
        await Task.Delay(settings.WarmUp);
        stage.Pace = Math.Max(LeastPace, (await stage.Observer.ProcessedAsync() - before) / settings.WarmUp.TotalSeconds);
        output.WriteLine($"Undisturbed: {stage.Pace:0} rows/s");
        var end = _faults.Now + settings.Duration;
        var isMixed = true;
        // On a busy machine it takes longer until each kind of fault has been injected once.
        while ((_faults.Now < end || !injectors.IsLapDone) && stage.Violations.Count < settings.MostViolations
            && !running.Exists(task => task.IsFaulted))
        {
            // Every other round only kills workers. No other fault disturbs the measurement of how fast lanes are taken over.
            await (isMixed ? injectors.RunAsync(settings.Round) : injectors.KillAsync(settings.Round));
            isMixed = !isMixed;
            // No fault is active now. The watches of the jobs check invariant T for the jobs that still run.
            await Task.WhenAny(Task.WhenAll(customers.Select(customer => customer.CurrentJob)), Task.Delay(MostCalm));
            output.WriteLine(
                string.Create(
                CultureInfo.InvariantCulture,
                $"{_faults.Now.TotalSeconds,7:0} s: {_tally.Jobs} jobs, {_tally.Rows} rows, {_faults.Counts.Sum(kind => kind.Count)} "
                + $"faults, {_tally.LateCommits} late commits refused, {stage.Violations.Count} violations"));
        }

        await noMore.CancelAsync();
        await Task.WhenAll(running);
        await bystander.CheckAsync(stage);
        foreach (var node in stage.Nodes.Where(node => node.Process is { HasExited: true }))
        {
            stage.Violations.Add("process", node.Name, "it had ended by itself at the end");
        }
    }
}
