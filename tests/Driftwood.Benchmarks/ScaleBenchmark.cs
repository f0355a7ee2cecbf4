using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports larger and larger files by a hand-written script and through Driftwood. Each size has its own server and process. It
/// shows how rows per second and memory change as the file grows.
/// </summary>
internal static class ScaleBenchmark
{
    private const int Requests = 5; // requests per second of each client

    /// <param name="sizes">The rows of the files, ascending.</param>
    /// <param name="lanes">The lanes of Driftwood's imports; 0 for its own choice.</param>
    public static async Task RunAsync(IReadOnlyList<int> sizes, int lanes)
    {
        List<(int Rows, IReadOnlyList<StepResult> Steps)> results = [];
        foreach (var rows in sizes)
        {
            results.Add((rows, await ImportAsync(rows, lanes)));
            if (results is [.., var smaller, var larger]) PrintGrowth(smaller, larger);
        }
    }

    private static async Task<IReadOnlyList<StepResult>> ImportAsync(int rows, int lanes)
    {
        await using var sides = await SideBySide.StartAsync(lanes, Requests);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {sides.Database.Machine}"));
        List<StepResult> results = [];
        foreach (var step in ImportStep.SkipAndMerge(rows))
        {
            results.Add(await sides.RunAsync(step));
            Console.WriteLine(results[^1]);
        }

        return results;
    }

    /// <summary>Prints the share of rows per second that each side keeps, and Driftwood's share relative to the script's.</summary>
    private static void PrintGrowth((int Rows, IReadOnlyList<StepResult> Steps) smaller, (int Rows, IReadOnlyList<StepResult> Steps) larger)
    {
        var growth = (double)larger.Rows / smaller.Rows;
        foreach (var (before, after) in smaller.Steps.Zip(larger.Steps))
        {
            var script = growth * before.Script.TotalSeconds / after.Script.TotalSeconds;
            var driftwood = growth * before.Driftwood.TotalSeconds / after.Driftwood.TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{after.Step.Name,-10} from {smaller.Rows:N0} to {larger.Rows:N0} rows: of its rows/s the script keeps {script:P0}, "
                    + $"Driftwood {driftwood:P0}, allowing for the script {driftwood / script:P0}"));
        }
    }
}
