using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports four files by a hand-written script and through Driftwood's public API, on one server in one run, each into
/// an account of its own, the script first; and beside the first file the machine's limit. While Driftwood imports, one
/// client asks for the import's progress and another reads contacts.
/// </summary>
internal static class ImportBenchmark
{
    /// <param name="rows">Of each file.</param>
    /// <param name="lanes">Of Driftwood's imports; 0: as it decides itself.</param>
    /// <param name="repeat">Times the whole is run, each on a server of its own.</param>
    /// <param name="requests">A second, at most, of each of the two clients that ask meanwhile.</param>
    public static async Task RunAsync(int rows, int lanes, int repeat, int requests)
    {
        List<StepResult> results = [];
        List<TimeSpan> limits = [];
        for (var run = 1; run <= repeat; run++)
        {
            await using var sides = await SideBySide.StartAsync(lanes, requests);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, run {run} of {repeat}, {sides.Database.Machine}"));
            foreach (var step in ImportStep.All(rows))
            {
                var result = await sides.RunAsync(step);
                results.Add(result);
                Console.WriteLine(result);
                Console.WriteLine($"           imports-get {result.Watch.Latencies}, contacts-get {result.Reads}");
                Console.WriteLine($"           progress: {result.Watch.Progress}");
                if (step.Name != "skip") continue;
                limits.Add(await CopyLimit.RunAsync(sides.Database, sides.ScriptAccount));
                PrintLimit(result, limits[^1]);
            }
        }

        if (repeat > 1) PrintMedians(results, limits);
    }

    private static void PrintMedians(List<StepResult> results, List<TimeSpan> limits)
    {
        Console.WriteLine("Medians");
        foreach (var step in results.GroupBy(result => result.Step.Name))
        {
            var median = step.First() with
            {
                Script = Median(step.Select(result => result.Script)),
                Driftwood = Median(step.Select(result => result.Driftwood)),
                PeakMegabytes = step.Max(result => result.PeakMegabytes),
            };
            Console.WriteLine(median);
            if (step.Key == "skip") PrintLimit(median, Median(limits));
        }
    }

    private static void PrintLimit(StepResult result, TimeSpan limit) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"           limit  {result.Pace(limit)}, of which Driftwood reaches {limit / result.Driftwood:P0}"));

    private static TimeSpan Median(IEnumerable<TimeSpan> times)
    {
        List<TimeSpan> sorted = [.. times.Order()];
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
