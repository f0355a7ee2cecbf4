using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports five files by a hand-written script and through Driftwood's public API, on one server in one run. Each side imports
/// into its own account, the script first. With the first file it also measures the machine's limit. While Driftwood imports, one
/// client polls the import's progress and another reads contacts.
/// </summary>
internal static class ImportBenchmark
{
    /// <param name="rows">The number of rows in each file.</param>
    /// <param name="lanes">The lanes of Driftwood's imports; 0 for its own choice.</param>
    /// <param name="repeat">The number of runs, each on its own server.</param>
    /// <param name="requests">The most requests per second of each of the two clients.</param>
    /// <param name="isShuffled">The files after the first are in an order unlike that of the stored contacts.</param>
    public static async Task RunAsync(int rows, int lanes, int repeat, int requests, bool isShuffled)
    {
        List<StepResult> results = [];
        List<TimeSpan> limits = [];
        for (var run = 1; run <= repeat; run++)
        {
            await using var sides = await SideBySide.StartAsync(lanes, requests);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, run {run} of {repeat}, {sides.Database.Machine}"));
            foreach (var step in ImportStep.All(rows, isShuffled))
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
