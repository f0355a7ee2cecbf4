using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Pauses an import in its middle, resumes it, and cancels it. It measures how long each takes to act, as a client sees it. In
/// the end the account must hold exactly the contacts that the import says it created.
/// </summary>
internal static class ControlBenchmark
{
    /// <param name="rows">The number of rows in the file.</param>
    /// <param name="lanes">The import's lanes; 0 for Driftwood's own choice.</param>
    /// <param name="chunkRows">The rows of a chunk; 0 for Driftwood's own choice.</param>
    public static async Task RunAsync(int rows, int lanes, int chunkRows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var account = await database.CreateAccountAsync();
        await using var service = await Service.StartAsync(database, lanes, chunkRows);
        using var api = service.Client(account.Token);
        var path = Path.Combine(database.Directory, "contacts.csv");
        await new ContactsFile(rows).WriteAsync(path);
        var job = await ImportJob.RequestAsync(api);
        await database.SettleAsync();
        await job.StartAsync(path, "skip");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {database.Machine}"));
        var times = new ControlTimes(job);
        try
        {
            await times.UntilProcessedAsync(rows / 4);
            await times.PauseAsync();
            await times.ResumeAsync();
            await times.UntilProcessedAsync(rows / 2);
            await times.CancelAsync();
        }
        catch (EndedTooEarlyException early) when (EndedTooEarlyException.MayBe(rows))
        {
            Console.WriteLine(early.Message);
        }

        await RequireExactAsync(database, account, (await job.ReadAsync()).Counts);
    }

    private static async Task RequireExactAsync(BenchmarkDatabase database, Account account, ImportCounts counts)
    {
        var contacts = await database.CountAsync("select count(*) from contacts where account_id = $1", account.Id);
        if (contacts != counts.Created || counts.Processed != counts.Created)
        {
            throw new InvalidOperationException($"The import counts {counts}, the account holds {contacts} contacts.");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contacts:N0} rows created, {contacts:N0} contacts"));
    }
}
