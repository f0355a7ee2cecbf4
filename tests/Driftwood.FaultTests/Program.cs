using System.CommandLine;
using Driftwood.Engine.Records.Text;
using Driftwood.FaultTests.Campaign;
using Xunit.Runner.InProc.SystemConsole;

namespace Driftwood.FaultTests;

/// <summary>
/// Options with two dashes run a campaign of faults: <c>--minutes 30 --seed 7</c>. All other arguments go to the test runner,
/// because <c>dotnet test</c> starts this program.
/// </summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        [NaiveWorker.Verb, .. var more] => NaiveWorker.RunAsync(more),
        [['-', '-', ..], ..] => CampaignCommand().Parse(args).InvokeAsync(),
        _ => ConsoleRunner.Run(args),
    };

    private static RootCommand CampaignCommand()
    {
        Option<double> minutes = new(
            "--minutes")
        { Description = "How long faults are injected.", DefaultValueFactory = _ => 30, HelpName = "n" };
        Option<int> seed = new("--seed") { Description = "Draws jobs and faults.", DefaultValueFactory = _ => 1, HelpName = "n" };
        Option<int> lease = new("--lease") { Description = "The nodes' lease in seconds.", DefaultValueFactory = _ => 15, HelpName = "n" };
        Option<double> control = new(
            "--control-minutes")
        {
            Description = "How long the naive worker is tried afterwards. It goes on until it shows a violation, for thirty kills at most.",
            DefaultValueFactory = _ => 1,
            HelpName = "n"
        };
        Option<string?> engine = new(
            "--engine")
        {
            Description = "The nodes' job engine, such as hangfire.",
            DefaultValueFactory = _ =>
            ServiceProcess.InheritedEngine,
            HelpName = "name"
        };
        Option<string?> pooler = new(
            "--pooler")
        { Description = "The mode of a pooler between the nodes and the database: transaction or session.", HelpName = "mode" };
        Option<int> citusWorkers = new(
            "--citus-workers")
        {
            Description = "The workers of a Citus cluster that holds the accounts; 0 for one PostgreSQL. It needs the extension.",
            HelpName = "n"
        };
        Option<string[]> only = new(
            "--only")
        {
            Description = "Numbers of the faults to inject, such as F2; all when not given.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "fault"
        };
        var command = new RootCommand(
            "A campaign of faults: processes killed, stalled and cut off, the database too, while jobs run; ends with what was injected "
            + "and what did not hold.")
        {
            minutes, seed, lease, control, engine, pooler, citusWorkers, only,
        };
        command.SetAction(async parsed =>
        {
            var settings = new CampaignSettings
            {
                Seed = parsed.GetValue(seed),
                Duration = TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                Lease = TimeSpan.FromSeconds(parsed.GetValue(lease)),
                Control = TimeSpan.FromMinutes(parsed.GetValue(control)),
                Engine = parsed.GetValue(engine),
                Pooler = parsed.GetValue(pooler),
                CitusWorkers = parsed.GetValue(citusWorkers),
                Only = parsed.GetValue(only) ?? [],
            };
            var report = await new FaultCampaign(settings, Console.Out).RunAsync();
            return report.Failures.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
