using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports one table as CSV and as workbooks, each into an account of its own by a process of its own, so that peaks can be compared.
/// </summary>
internal static class WorkbookBenchmark
{
    private const int WarmUpRows = 1_000;
    private const string Csv = "csv";

    private static readonly string[] Kinds = [Csv, "inline.xlsx", "shared.xlsx"];

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private sealed record Run(TimeSpan Completion, TimeSpan Whole, double PeakMegabytes);

    /// <param name="rows">The number of contacts; a sheet has room for 1,048,575 and the header.</param>
    /// <param name="repeat">Times each file is imported; the medians count.</param>
    public static async Task RunAsync(int rows, int repeat)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} contacts, {database.Machine}"));
        string PathOf(string name) => Path.Combine(database.Directory, name);
        await WriteAsync(new ContactsFile(WarmUpRows), "warm-up", database);
        await WriteAsync(new ContactsFile(rows), "contacts", database);
        var runs = Kinds.ToDictionary(kind => kind, _ => new List<Run>());
        for (var round = 0; round < repeat; round++)
        {
            // The kind that comes first in one round comes last in the next.
            foreach (var kind in round % 2 == 0 ? Kinds : Kinds.Reverse())
                runs[kind].Add(await ImportAsync(database, PathOf($"warm-up.{kind}"), PathOf($"contacts.{kind}"), rows));
        }

        Console.WriteLine("file               MB   completion rows/s   whole rows/s   beside CSV   peak MB   more than CSV");
        foreach (var kind in Kinds)
        {
            var megabytes = new FileInfo(PathOf($"contacts.{kind}")).Length / 1e6;
            var completion = Median(runs[kind].Select(run => run.Completion.TotalSeconds));
            var whole = Median(runs[kind].Select(run => run.Whole.TotalSeconds));
            var peak = Median(runs[kind].Select(run => run.PeakMegabytes));
            var (wholeOfCsv, peakOfCsv) = (
                Median(runs[Csv].Select(run => run.Whole.TotalSeconds)), Median(runs[Csv].Select(run => run.PeakMegabytes)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind,-11} {megabytes,9:N1} {rows / completion,19:N0} {rows / whole,14:N0} {wholeOfCsv / whole,12:0.00} {peak,9:N0} "
                + $"{peak - peakOfCsv,15:N0}"));
        }
    }

    private static async Task<Run> ImportAsync(BenchmarkDatabase database, string warmUp, string path, int rows)
    {
        await using var service = await Service.StartAsync(database);
        await ImportAsync(database, service, warmUp, WarmUpRows);
        var (completion, whole) = await ImportAsync(database, service, path, rows);
        return new Run(completion, whole, service.PeakMegabytes);
    }

    private static async Task<(TimeSpan Completion, TimeSpan Whole)> ImportAsync(
        BenchmarkDatabase database, Service service, string path, int rows)
    {
        using var api = service.Client((await database.CreateAccountAsync()).Token);
        var job = await ImportJob.RequestAsync(api);
        var clock = Stopwatch.StartNew();
        await job.StartAsync(path, "skip");
        while (true)
        {
            var (status, counts) = await job.ReadAsync();
            if (status == "completed" && counts.Created == rows) return (job.Completion, clock.Elapsed);
            if (status != "processing") throw new InvalidOperationException($"Expected no failures, found {status} {counts}.");
            await Task.Delay(Poll);
        }
    }

    private static async Task WriteAsync(ContactsFile contacts, string name, BenchmarkDatabase database)
    {
        string PathOf(string kind) => Path.Combine(database.Directory, $"{name}.{kind}");
        await contacts.WriteAsync(PathOf("csv"));
        await ContactsWorkbook.WriteInlineAsync(contacts, PathOf("inline.xlsx"));
        ContactsWorkbook.WriteShared(contacts, PathOf("shared.xlsx"));
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}
