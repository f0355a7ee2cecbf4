using System.CommandLine;
using Driftwood.Benchmarks;

// dotnet run -c Release --project tests/Driftwood.Benchmarks -- <benchmark> [options]; --help tells which there are.
return await new RootCommand("Driftwood's benchmarks. Those with a database start one of their own and leave nothing behind.")
{
    ImportCommand(),
    ListsCommand(),
    MicroCommand(),
}.Parse(args).InvokeAsync();

static Command ImportCommand()
{
    var rows = Arguments.Rows(1_000_000);
    var command = new Command("import", "Imports side by side with a hand-written script, on one server in one run.") { rows };
    command.SetAction(parsed => ImportBenchmark.RunAsync(parsed.GetValue(rows)));
    return command;
}

static Command ListsCommand()
{
    var rows = Arguments.Rows(1_000_000);
    var command = new Command("lists", "Pages and counts of contacts under filters.") { rows };
    command.SetAction(parsed => ListBenchmark.RunAsync(parsed.GetValue(rows)));
    return command;
}

static Command MicroCommand()
{
    var rows = Arguments.Rows(200_000, least: 100);
    var command = new Command("micro", "Parsing, checking and encoding for COPY, in process: time and allocations a row.") { rows };
    command.SetAction(parsed => MicroBenchmark.RunAsync(parsed.GetValue(rows)));
    return command;
}
