using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports the same file by nodes with two ways of being set up, in turn, each time into an account of its own that is emptied afterwards.
/// </summary>
/// <param name="database">The database of all nodes.</param>
/// <param name="rows">The number of rows in the file.</param>
internal sealed class PairedImports(BenchmarkDatabase database, int rows)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _path = Path.Combine(database.Directory, "contacts.csv");

    /// <summary>Prints each run, the medians, and how much faster the second way is.</summary>
    /// <param name="repeat">The number of runs of each way.</param>
    /// <param name="first">The way that is the measure.</param>
    /// <param name="second">The way that is measured.</param>
    public async Task RunAsync(int repeat, NodeSetup first, NodeSetup second)
    {
        await new ContactsFile(rows).WriteAsync(_path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {database.Machine}"));
        var (ones, others, ratios) = (new double[repeat], new double[repeat], new double[repeat]);
        for (var run = 0; run < repeat; run++)
        {
            // Each way begins in every other run.
            if (run % 2 == 0) ones[run] = await ImportAsync(first);
            others[run] = await ImportAsync(second);
            if (run % 2 == 1) ones[run] = await ImportAsync(first);
            ratios[run] = ones[run] / others[run];
        }

        Array.Sort(ones);
        Array.Sort(others);
        Array.Sort(ratios);
        var middle = repeat / 2;
        var pairs = string.Join(", ", ratios.Select(ratio => ratio.ToString("N2", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{first.Name} {ones[middle]:N2} s, {second.Name} {others[middle]:N2} s, ratio {ones[middle] / others[middle]:N2} "
                + $"(medians of {repeat}); of the pairs {pairs}"));
    }

    /// <summary>Measures the seconds from the start of the upload to the end of the import.</summary>
    private async Task<double> ImportAsync(NodeSetup setup)
    {
        var account = await database.CreateAccountAsync();
        // Alone: a node that is set up otherwise would take lanes too.
        await using var service = await Service.StartAsync(database, settings: setup.Settings);
        using var api = service.Client(account.Token);
        var job = await ImportJob.RequestAsync(api);
        await database.SettleAsync();
        using var ended = new CancellationTokenSource();
        var beside = setup.Beside(service, ended.Token);
        var clock = Stopwatch.StartNew();
        await job.StartAsync(_path, "skip");
        var confirmed = clock.Elapsed;
        var state = await job.ReadAsync();
        for (; state.Status == "processing"; state = await job.ReadAsync()) await Task.Delay(Poll);
        var took = clock.Elapsed;
        await ended.CancelAsync();
        await beside;
        var contacts = await database.CountAsync("select count(*) from contacts where account_id = $1", account.Id);
        if (state != new ImportState("completed", new ImportCounts(rows, 0, 0, 0)) || contacts != rows)
            throw new InvalidOperationException($"The import came to {state}, the account holds {contacts} contacts.");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{setup.Name,-9} upload and preview {confirmed.TotalSeconds,6:N2} s, all {took.TotalSeconds,6:N2} s"));
        await database.ExecuteAsync("delete from contacts where account_id = $1", account.Id);
        return took.TotalSeconds;
    }
}

/// <summary>How a node is set up.</summary>
/// <param name="Name">What is printed.</param>
/// <param name="Settings">The settings, by key.</param>
internal sealed record NodeSetup(string Name, params IReadOnlyList<(string Key, string Value)> Settings)
{
    /// <summary>What happens beside the import until it is cancelled.</summary>
    public Func<Service, CancellationToken, Task> Beside { get; init; } = (_, _) => Task.CompletedTask;
}
