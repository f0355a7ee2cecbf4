using System.CommandLine;
using Driftwood.Benchmarks;

// Run: dotnet run -c Release --project tests/Driftwood.Benchmarks -- <benchmark> [options]. The option --help lists the benchmarks.
if (args is [ClientCrowd.Verb, .. var more]) return await ClientCrowd.RunAsync(more);
var program = new Option<string>("--program")
{
    Description = "The directory of a published program that is measured, in place of the one that is built with the benchmarks.",
    HelpName = "directory",
    Recursive = true,
    DefaultValueFactory = _ => AppContext.BaseDirectory,
};
program.Validators.Add(result => Service.ProgramDirectory = result.GetValueOrDefault<string>());
return await new RootCommand("Driftwood's benchmarks. Those with a database start one of their own and leave nothing behind.")
{
    program,
    Import(),
    Storage(),
    Telemetry(),
    Pooler(),
    Bulk(),
    Scale(),
    Control(),
    Nodes(),
    Stalls(),
    BulkControl(),
    Compat(),
    Crowd(),
    Clients(),
    Undo(),
    Settings(),
    Workbook(),
    Lists(),
    Micro(),
}.Parse(args).InvokeAsync();

static Command Import()
{
    var (rows, lanes) = (Arguments.Rows(1_000_000), Arguments.Lanes());
    var repeat = Arguments.Number("--repeat", "Times the whole is run; the medians are printed at the end.", usual: 1);
    var requests = Arguments.Number(
        "--requests",
        "A second, of each of the two clients that ask while Driftwood imports; 20 tells how fast answers come, and slows the import by "
        + "what they cost.", usual: 5);
    var shuffled = new Option<bool>("--shuffled")
    {
        Description = "The files after the first are in an order unlike that of the stored contacts, as exports of other systems are.",
    };
    var command = new Command(
        "import", "Imports side by side with a hand-written script and with plain COPY, on one server in one run.") { rows, lanes, repeat,
        requests, shuffled };
    command.SetAction(parsed => ImportBenchmark.RunAsync(
        parsed.GetValue(rows), parsed.GetValue(lanes), parsed.GetValue(repeat), parsed.GetValue(requests), parsed.GetValue(shuffled)));
    return command;
}

static Command Storage()
{
    var rows = Arguments.Rows(1_000_000);
    var repeat = Arguments.Number("--repeat", "Times each way is run; the medians count.", usual: 3);
    var command = new Command("storage", "Imports from a bucket beside imports from the disk. It needs Node.js with npm.") { rows, repeat };
    command.SetAction(parsed => StorageBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(repeat)));
    return command;
}

static Command Telemetry()
{
    var rows = Arguments.Rows(1_000_000);
    var repeat = Arguments.Number("--repeat", "Times each way is run; the medians count.", usual: 3);
    var command = new Command("telemetry", "Imports with metrics and traces beside imports without.") { rows, repeat };
    command.SetAction(parsed => TelemetryBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(repeat)));
    return command;
}

static Command Pooler()
{
    var rows = Arguments.Rows(60_000);
    var rounds = Arguments.Number("--rounds", "Times that the accounts import, of two and of eight, in each mode.", usual: 20);
    var jobs = Arguments.Number("--jobs", "Small jobs that are measured in each turn.", usual: 100);
    var command = new Command(
        "pooler", "Accounts import at the same time behind PgBouncer, and no record is another account's; small jobs beside a direct "
        + "connection. It needs PgBouncer.") { rows, rounds, jobs };
    command.SetAction(parsed => PoolerBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(rounds), parsed.GetValue(jobs)));
    return command;
}

static Command Bulk()
{
    var rows = Arguments.Rows(1_000_000, least: 100);
    var byIds = new Option<bool>("--ids") { Description = "Name the contacts by ids, 100,000 a job, and not by a filter." };
    var command = new Command(
        "bulk", "Bulk jobs side by side with a hand-written script, on one server in one run; small jobs, and the request of a large "
        + "one.") { rows, byIds };
    command.SetAction(parsed => BulkBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(byIds)));
    return command;
}

static Command Scale()
{
    var (sizes, lanes) = (Arguments.Sizes(100_000, 1_000_000, 5_000_000), Arguments.Lanes());
    var command = new Command("scale", "Rows per second and memory as the file grows, beside a hand-written script.") { sizes, lanes };
    command.SetAction(parsed => ScaleBenchmark.RunAsync(parsed.GetRequiredValue(sizes), parsed.GetValue(lanes)));
    return command;
}

static Command Control()
{
    var (rows, lanes) = (Arguments.Rows(1_000_000), Arguments.Lanes());
    var chunkRows = Arguments.Number("--chunk-rows", "Rows of a chunk; 0: as Driftwood decides itself.", usual: 0, least: 0);
    var command = new Command("control", "How fast an import is paused, resumed and cancelled.") { rows, lanes, chunkRows };
    command.SetAction(parsed => ControlBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(lanes), parsed.GetValue(chunkRows)));
    return command;
}

static Command Nodes()
{
    var (rows, lanes) = (Arguments.Rows(1_000_000), Arguments.Number("--lanes", "Lanes of an import.", usual: 2, least: 2));
    var repeat = Arguments.Number("--repeat", "Times each way is run; the medians count.", usual: 3);
    var command = new Command(
        "nodes", "One worker process beside several with as many lanes in all, and what it costs that one of them is killed.") { rows,
        lanes, repeat };
    command.SetAction(parsed => NodesBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(lanes), parsed.GetValue(repeat)));
    return command;
}

static Command Stalls()
{
    var rows = Arguments.Rows(100_000, least: 100);
    var imports = Arguments.Number("--imports", "The number of imports.", usual: 60);
    var command = new Command(
        "stalls", "Imports into emptied, never analyzed and crowded tables: the slowest beside the median, the longest time without "
        + "progress.") { rows, imports };
    command.SetAction(parsed => StallsBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(imports)));
    return command;
}

static Command BulkControl()
{
    var rows = Arguments.Rows(1_000_000, least: 100);
    var chunkRows = Arguments.Number("--chunk-rows", "Rows of a chunk; 0: as Driftwood decides itself.", usual: 0, least: 0);
    var command = new Command(
        "bulk-control", "How fast a delete by filter is paused, resumed and cancelled, and whether its counters are exact.") { rows,
        chunkRows };
    command.SetAction(parsed => BulkControlBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(chunkRows)));
    return command;
}

static Command Compat()
{
    var objects = Arguments.Number("--objects", "The number of objects of a set, 1,000 at most.", usual: 1_000);
    var rounds = Arguments.Number("--rounds", "The number of sets each way.", usual: 50);
    var command = new Command("compat", "A set of objects natively and through Knock's route, in turn.") { objects, rounds };
    command.SetAction(parsed => CompatBenchmark.RunAsync(parsed.GetValue(objects), parsed.GetValue(rounds)));
    return command;
}

static Command Crowd()
{
    var rows = Arguments.Rows(100_000, least: 100);
    var callers = Arguments.Number("--callers", "The callers of the greedy account.", usual: 100);
    var seconds = Arguments.Number("--seconds", "How long they call.", usual: 20);
    var command = new Command(
        "crowd", "One account counts with many callers; how long another one and the probe wait, with and without limits.") { rows, callers,
        seconds };
    command.SetAction(
        parsed => CrowdBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(callers), parsed.GetValue(seconds)));
    return command;
}

static Command Clients()
{
    var rows = Arguments.Rows(100_000, least: 100);
    var clients = Arguments.Number("--clients", "All clients, of which one is measured.", usual: 200, least: 20);
    var seconds = Arguments.Number("--seconds", "How long they call.", usual: 300);
    var command = new Command(
        "clients", "Clients of several accounts call all routes, most of them for one account; how long a quiet account waits.") { rows,
        clients, seconds };
    command.SetAction(
        parsed => ClientsBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(clients), parsed.GetValue(seconds)));
    return command;
}

static Command Undo()
{
    var rows = Arguments.Rows(300_000, least: 100);
    var command = new Command("undo", "Imports and bulk jobs, each taken back, beside the time of the job itself.") { rows };
    command.SetAction(parsed => UndoBenchmark.RunAsync(parsed.GetValue(rows)));
    return command;
}

static Command Settings()
{
    var rows = Arguments.Rows(300_000, least: 100);
    var repeat = Arguments.Number("--repeat", "Times each way is run; the medians count.", usual: 3);
    var command = new Command("settings", "Merges with a policy, with transforms and with a list of match fields, beside a plain one.")
    {
        rows, repeat,
    };
    command.SetAction(parsed => SettingsBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(repeat)));
    return command;
}

static Command Workbook()
{
    var rows = Arguments.Rows(1_048_575, least: 100);
    var repeat = Arguments.Number("--repeat", "Times each file is imported; the medians count.", usual: 1);
    var command = new Command("workbook", "The same table as CSV and as a workbook: rows per second and memory.") { rows, repeat };
    command.SetAction(parsed => WorkbookBenchmark.RunAsync(parsed.GetValue(rows), parsed.GetValue(repeat)));
    return command;
}

static Command Lists()
{
    var rows = Arguments.Rows(1_000_000);
    var command = new Command("lists", "Pages and counts of contacts under filters.") { rows };
    command.SetAction(parsed => ListBenchmark.RunAsync(parsed.GetValue(rows)));
    return command;
}

static Command Micro()
{
    var rows = Arguments.Rows(200_000, least: 100);
    var command = new Command("micro", "Parsing, checking and encoding for COPY, in process: time and allocations a row.") { rows };
    command.SetAction(parsed => MicroBenchmark.RunAsync(parsed.GetValue(rows)));
    return command;
}
