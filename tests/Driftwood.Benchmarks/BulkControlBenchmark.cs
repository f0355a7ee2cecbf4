using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Deletes the contacts that a filter finds. One job is paused in its middle, resumed and finished; another account's job is
/// cancelled. At each stop exactly as many contacts are gone as the job says, and all other contacts are bit for bit unchanged.
/// </summary>
internal static class BulkControlBenchmark
{
    private const int RestOneIn = 10; // one contact that the filter does not find for every ten that it finds

    /// <param name="rows">The number of contacts that the filter finds.</param>
    /// <param name="chunkRows">The rows of a chunk; 0 for Driftwood's own choice.</param>
    public static async Task RunAsync(int rows, int chunkRows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var (first, second) = (await database.CreateAccountAsync(), await database.CreateAccountAsync());
        foreach (var account in new[] { first, second })
        {
            await SeededContacts.AddAsync(database, account, rows, rest: Math.Max(1, rows / RestOneIn));
        }
        await using var service = await Service.StartAsync(database, chunkRows: chunkRows);
        await database.SettleAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"delete by filter, {rows:N0} contacts, {database.Machine}"));
        await RunAsync(database, service, first, rows, PauseAndFinishAsync);
        await database.SettleAsync();
        await RunAsync(database, service, second, rows, CancelAsync);
    }

    private static async Task RunAsync(
        BenchmarkDatabase database, Service service, Account account, int rows, Func<BulkDelete, ControlTimes, Func<Task>, int,
        Task> control)
    {
        using var api = service.Client(account.Token);
        var rest = await RestAsync(database, account);
        var job = await BulkDelete.StartAsync(api, rows);
        Task RequireAsync() => RequireExactAsync(database, account, job, rows, rest);
        try
        {
            await control(job, new ControlTimes(job), RequireAsync, rows);
        }
        catch (EndedTooEarlyException early) when (EndedTooEarlyException.MayBe(rows))
        {
            Console.WriteLine(early.Message);
        }

        await RequireAsync();
    }

    private static async Task PauseAndFinishAsync(BulkDelete job, ControlTimes times, Func<Task> requireExactAsync, int rows)
    {
        await times.UntilProcessedAsync(rows / 2);
        await times.PauseAsync();
        await requireExactAsync();
        await times.ResumeAsync();
        var end = await job.FinishAsync();
        if (end != new JobProgress("completed", rows))
        {
            throw new InvalidOperationException($"Expected {rows} contacts dealt with, found {end}.");
        }
    }

    private static async Task CancelAsync(BulkDelete job, ControlTimes times, Func<Task> requireExactAsync, int rows)
    {
        await times.UntilProcessedAsync(rows / 2);
        await times.CancelAsync();
        await requireExactAsync();
        try
        {
            await job.ResumeAsync();
        }
        catch (InvalidOperationException)
        {
            return; // It is final.
        }

        throw new InvalidOperationException("A cancelled job was resumed.");
    }

    private static async Task RequireExactAsync(BenchmarkDatabase database, Account account, BulkDelete job, int rows, long rest)
    {
        var left = await database.CountAsync("select count(*) from contacts where account_id = $1 and first_name is not null", account.Id);
        var state = await job.ReadProgressAsync();
        if (state.Processed != rows - left) throw new InvalidOperationException($"{state}, but {rows - left} of {rows} contacts are gone.");
        if (await RestAsync(database, account) != rest)
        {
            throw new InvalidOperationException("Contacts that the filter does not find have changed.");
        }
        Console.WriteLine(
            string.Create(
            CultureInfo.InvariantCulture,
            $"        {state.Status}: {state.Processed:N0} dealt with, {rows - left:N0} gone, the rest untouched"));
    }

    /// <summary>A fingerprint of the contacts that the filter does not find, and of the transactions that wrote them.</summary>
    private static Task<long> RestAsync(BenchmarkDatabase database, Account account) => database.CountAsync(
        "select count(*) # coalesce(bit_xor(hashtextextended(c.xmin::text || c::text, 0)), 0) from contacts c where account_id = $1 and "
            + "first_name is null", account.Id);
}
