using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Pauses an import in its middle, resumes it, and cancels it: how long each takes to act, as a client sees it. In the end
/// the account must hold exactly the contacts that the import says it created.
/// </summary>
internal static class ControlBenchmark
{
    private const int SurelyLong = 100_000; // rows: fewer may all be imported before a pause arrives

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AtRest = TimeSpan.FromMilliseconds(500); // without a change: far longer than a chunk takes

    /// <param name="rows">Of the file.</param>
    /// <param name="lanes">Of the import; 0: as Driftwood decides itself.</param>
    /// <param name="chunkRows">Rows of a chunk; 0: as Driftwood decides itself.</param>
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
        try
        {
            await UntilProcessedAsync(job, rows / 4);
            Print("pause", "until paused and at rest", await StopAsync(job, job.PauseAsync, "paused"));
            Print("resume", "until progress moves", await ResumeAsync(job));
            await UntilProcessedAsync(job, rows / 2);
            Print("cancel", "until cancelled and at rest", await StopAsync(job, job.CancelAsync, "cancelled"));
        }
        catch (EndedTooEarlyException) when (rows < SurelyLong)
        {
            Console.WriteLine("The import ended before it could be stopped: take more rows.");
        }

        await RequireExactAsync(database, account, (await job.ReadAsync()).Counts);
    }

    /// <summary>From the call until the status is there and the counters no longer move, whichever is later.</summary>
    private static async Task<TimeSpan> StopAsync(ImportJob job, Func<Task> stop, string status)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await stop();
        }
        catch (InvalidOperationException)
        {
            // A completed import refuses it.
            if ((await job.ReadAsync()).Status == "completed") throw new EndedTooEarlyException();
            throw;
        }

        var state = await job.ReadAsync();
        var changed = clock.Elapsed;
        while (state.Status != status || clock.Elapsed - changed < AtRest)
        {
            if (state.Status == "completed") throw new EndedTooEarlyException();
            await Task.Delay(Poll);
            var next = await job.ReadAsync();
            if (next != state) changed = clock.Elapsed;
            state = next;
        }

        return changed;
    }

    private static async Task<TimeSpan> ResumeAsync(ImportJob job)
    {
        var paused = (await job.ReadAsync()).Counts.Processed;
        var clock = Stopwatch.StartNew();
        await job.ResumeAsync();
        await UntilProcessedAsync(job, paused + 1);
        return clock.Elapsed;
    }

    private static async Task UntilProcessedAsync(ImportJob job, long rows)
    {
        while (true)
        {
            var state = await job.ReadAsync();
            if (state.Status == "completed") throw new EndedTooEarlyException();
            if (state.Status != "processing") throw new InvalidOperationException($"The import ended badly: {state}");
            if (state.Counts.Processed >= rows) return;
            await Task.Delay(Poll);
        }
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

    private static void Print(string what, string until, TimeSpan time) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-7} {until,-28} {time.TotalMilliseconds,6:N0} ms"));

    private sealed class EndedTooEarlyException() : Exception("The import ended before it could be stopped: take more rows.");
}
