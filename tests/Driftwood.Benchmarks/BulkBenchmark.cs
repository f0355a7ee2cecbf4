using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Tags, updates and deletes all contacts of an account by a hand-written script, and of another account through Driftwood's
/// public API. Both run on one server in one run, the script first. Small jobs and the request of a large one come before that.
/// </summary>
internal static class BulkBenchmark
{
    private const int MostIds = 100_000;
    private const int SmallJobs = 200;

    /// <param name="rows">The number of contacts in each account.</param>
    /// <param name="byIds">The jobs name the contacts by ids, 100,000 per job, and not by a filter.</param>
    public static async Task RunAsync(int rows, bool byIds)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var (script, driftwood) = (await database.CreateAccountAsync(), await database.CreateAccountAsync());
        foreach (var account in new[] { script, driftwood }) await SeededContacts.AddAsync(database, account, rows);
        await using var service = await Service.StartAsync(database);
        using var api = service.Client(driftwood.Token);
        var jobs = new BulkJobs(api);
        var ids = await database.IdsAsync(driftwood);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{rows:N0} contacts, {(byIds ? "by ids" : "by filter")}, {database.Machine}"));
        await PrintSmallAsync(jobs, ids);
        foreach (var step in BulkStep.All)
        {
            await database.SettleAsync();
            var (whole, statement) = await HandWrittenBulk.RunAsync(database, step, script, rows);
            await database.SettleAsync();
            var time = byIds ? await jobs.RunAsync(step, ids, MostIds) : await jobs.RunAsync(step, SeededContacts.All, rows);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{step.Operation,-7} script {whole.TotalSeconds,7:0.00} s (statement {statement.TotalSeconds,7:0.00} s)   driftwood "
                    + $"{time.TotalSeconds,7:0.00} s {rows / time.TotalSeconds,9:N0}/s   ratio to the script {whole / time:0.00}, to the "
                    + $"statement {statement / time:0.00}   peak {service.PeakMegabytes:0} MB"));
            await SameContacts.RequireAsync(database, script, driftwood, step.Operation == "delete" ? 0 : rows);
        }
    }

    private static async Task PrintSmallAsync(BulkJobs jobs, IReadOnlyList<Guid> ids)
    {
        var latencies = await jobs.RunSmallAsync(ids, SmallJobs);
        Console.WriteLine($"a job of three contacts, from request to completed: {latencies}");
        Guid[] many = [.. ids.Take(MostIds)];
        var answered = await jobs.RequestAsync(BulkStep.Nothing, many);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"a job of {many.Length:N0} ids is answered in {answered.TotalMilliseconds:0} ms"));
    }
}
