using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Many imports into tables whose statistics mislead the planner, or are missing. Each imports contacts by e-mail and maps their external
/// ids too, which are unique as well. A wrong plan shows as one import that takes several times as long as the others.
/// </summary>
internal static class StallsBenchmark
{
    private const int CrowdAccounts = 2_000;

    // Half of the imports' e-mails are stored already, except with skip into an empty table.
    private static readonly string[] Steps = ["skip", "merge", "mixed"];

    private static readonly string[] Tables = ["emptied", "never analyzed", "crowded"];

    // Smaller files take as long as the moment's noise. Their times are printed only.
    private const int LeastRows = 50_000;

    private static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(1);

    /// <param name="rows">The rows of each file.</param>
    /// <param name="imports">The number of imports.</param>
    public static async Task RunAsync(int rows, int imports)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        await using var service = await Service.StartAsync(database);
        var (same, other) = (Path.Combine(database.Directory, "same.csv"), Path.Combine(database.Directory, "other.csv"));
        await WriteAsync(same, rows, first: 0);
        await WriteAsync(other, rows, first: rows / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{imports} imports of {rows:N0} rows, {database.Machine}"));
        List<Run> runs = [];
        for (var n = 0; n < imports; n++)
        {
            var (step, table) = (Steps[n % Steps.Length], Tables[n / Steps.Length % Tables.Length]);
            runs.Add(await ImportAsync(database, service, step, table, step == "mixed" ? other : same, rows));
        }

        // A new process compiles its code during its first import, whatever the statistics are.
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first  {runs[0].Seconds:N2} s ({runs[0].Step}, {runs[0].Table}), not compared with the others"));
        var stalled = Array.FindAll(Steps, step => Report(step, [.. runs.Skip(1).Where(run => run.Step == step)]));
        if (rows < LeastRows) return;
        if (stalled.Length > 0) throw new InvalidOperationException($"Took over twice the median: {string.Join(", ", stalled)}.");
        if (runs.Exists(run => run.Gap > MaxGap)) throw new InvalidOperationException("An import made no progress for over a second.");
    }

    /// <returns>Whether one of the runs took over twice their median.</returns>
    private static bool Report(string step, List<Run> runs)
    {
        if (runs.Count == 0) return false;
        var ordered = runs.Select(run => run.Seconds).Order().ToList();
        var (median, slowest, paused) = (ordered[ordered.Count / 2], runs.MaxBy(run => run.Seconds)!, runs.MaxBy(run => run.Gap)!);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{step,-6} median {median:N2} s, slowest {slowest.Seconds:N2} s ({slowest.Table}), "
                + $"{slowest.Seconds / median:N2} times the median, "
                + $"longest gap {paused.Gap.TotalMilliseconds:0} ms (after {paused.RowsBefore:N0} rows, {paused.Table})"));
        return slowest.Seconds > 2 * median;
    }

    private static async Task<Run> ImportAsync(
        BenchmarkDatabase database, Service service, string step, string table, string path, int rows)
    {
        var account = await database.CreateAccountAsync();
        using var api = service.Client(account.Token);
        if (table == "never analyzed") await database.ExecuteAsync("truncate contacts, unique_values");
        if (table == "crowded") await CrowdAsync(database);
        if (step != "skip")
        {
            var stored = await ImportJob.RequestAsync(api);
            await stored.StartAsync(Path.Combine(database.Directory, "same.csv"), "skip");
            await new ImportWatch(TimeSpan.FromMilliseconds(50)).RunAsync(stored);
        }

        var job = await ImportJob.RequestAsync(api);
        var watch = new ImportWatch(TimeSpan.FromMilliseconds(50));
        var clock = Stopwatch.StartNew();
        await job.StartAsync(path, step == "skip" ? "skip" : "merge");
        var state = await watch.RunAsync(job);
        if (state.Status != "completed" || state.Counts.Processed != rows || state.Counts.Failed > 0)
        {
            throw new InvalidOperationException($"The import came to {state}.");
        }

        var run = new Run(step, table, clock.Elapsed.TotalSeconds, watch.LongestGap, watch.RowsBeforeLongestGap);
        // The next account finds a table that is emptied but not vacuumed, unless the server does so at this moment.
        await database.ExecuteAsync("delete from contacts where account_id = $1", account.Id);
        return run;
    }

    private static Task CrowdAsync(BenchmarkDatabase database) => database.ExecuteAsync(
        $"""
        insert into contacts (account_id, id, email, email_key, created_at, created_by, updated_at, updated_by)
        select ('00000000-0000-7000-8000-' || lpad(a::text, 12, '0'))::uuid, gen_random_uuid(), 'c' || n || '@x.io', 'c' || n || '@x.io',
               now(), gen_random_uuid(), now(), gen_random_uuid()
        from generate_series(1, {CrowdAccounts}) a cross join generate_series(1, 5) n
        on conflict do nothing
        """);

    private static async Task WriteAsync(string path, int rows, int first)
    {
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("Email,External ID,First Name,City");
        for (var i = first; i < first + rows; i++)
        {
            await writer.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"user{i}@example.com,x{i},First{i % 977},City {i % 90}"));
        }
    }

    private sealed record Run(string Step, string Table, double Seconds, TimeSpan Gap, long RowsBefore);
}
