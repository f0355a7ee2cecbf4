using System.Diagnostics;
using System.Globalization;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports the same file from the disk and from a bucket, in turn, each time into an account of its own that is emptied afterwards. The S3
/// server runs on the same machine.
/// </summary>
internal static class StorageBenchmark
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <param name="rows">The number of rows in the file.</param>
    /// <param name="repeat">The number of runs of each way.</param>
    public static async Task RunAsync(int rows, int repeat)
    {
        await using var bucket = await S3Server.StartAsync(CancellationToken.None);
        await using var database = await BenchmarkDatabase.StartAsync();
        var path = Path.Combine(database.Directory, "contacts.csv");
        await new ContactsFile(rows).WriteAsync(path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {database.Machine}"));
        var (disk, s3) = (new double[repeat], new double[repeat]);
        for (var run = 0; run < repeat; run++)
        {
            disk[run] = await ImportAsync(database, path, rows, "disk", []);
            s3[run] = await ImportAsync(database, path, rows, "s3", bucket.Settings("benchmark/"));
        }

        Array.Sort(disk);
        Array.Sort(s3);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"disk {disk[repeat / 2]:N2} s, s3 {s3[repeat / 2]:N2} s, ratio {disk[repeat / 2] / s3[repeat / 2]:N2} (medians of {repeat})"));
    }

    /// <summary>Measures the seconds from the start of the upload to the end of the import.</summary>
    private static async Task<double> ImportAsync(
        BenchmarkDatabase database, string path, int rows, string storage, (string Key, string Value)[] settings)
    {
        var account = await database.CreateAccountAsync();
        // Alone: a node with the other storage would take lanes whose file it does not have.
        await using var service = await Service.StartAsync(database, settings: settings);
        using var api = service.Client(account.Token);
        var job = await ImportJob.RequestAsync(api);
        await database.SettleAsync();
        var clock = Stopwatch.StartNew();
        await job.StartAsync(path, "skip");
        var confirmed = clock.Elapsed;
        var state = await job.ReadAsync();
        for (; state.Status == "processing"; state = await job.ReadAsync()) await Task.Delay(Poll);
        var took = clock.Elapsed;
        var contacts = await database.CountAsync("select count(*) from contacts where account_id = $1", account.Id);
        if (state != new ImportState("completed", new ImportCounts(rows, 0, 0, 0)) || contacts != rows)
            throw new InvalidOperationException($"The import came to {state}, the account holds {contacts} contacts.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{storage,-5} upload and preview {confirmed.TotalSeconds,6:N2} s, all {took.TotalSeconds,6:N2} s"));
        await database.ExecuteAsync("delete from contacts where account_id = $1", account.Id);
        return took.TotalSeconds;
    }
}
