using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports the same file by one worker process and by one process per lane, in turn. Both ways have a separate API node. Finally
/// several processes import it once more, and one of them is killed in the middle. Each run has its own account, which is emptied
/// afterwards.
/// </summary>
internal static class NodesBenchmark
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <param name="rows">The number of rows in the file.</param>
    /// <param name="lanes">The import's lanes, which is also the number of lanes that run at once in all.</param>
    /// <param name="repeat">The number of runs of each way.</param>
    public static async Task RunAsync(int rows, int lanes, int repeat)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        await using var node = await Service.StartAsync(database, lanes, role: "api");
        var path = Path.Combine(database.Directory, "contacts.csv");
        await new ContactsFile(rows).WriteAsync(path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {lanes} lanes, {database.Machine}"));
        var (one, several) = (new double[repeat], new double[repeat]);
        for (var run = 0; run < repeat; run++)
        {
            one[run] = await ImportAsync(database, node, path, rows, [lanes]);
            several[run] = await ImportAsync(database, node, path, rows, [.. Enumerable.Repeat(1, lanes)]);
        }

        Array.Sort(one);
        Array.Sort(several);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"one process {one[repeat / 2],6:N2} s, {lanes} processes {several[repeat / 2],6:N2} s, ratio "
                + $"{one[repeat / 2] / several[repeat / 2]:N2} (medians of {repeat})"));
        await ImportAsync(database, node, path, rows, [.. Enumerable.Repeat(1, lanes)], kills: true);
    }

    /// <summary>Measures the seconds from the start of the upload to the end of the import.</summary>
    private static async Task<double> ImportAsync(
        BenchmarkDatabase database, Service node, string path, int rows, int[] workers, bool kills = false)
    {
        var account = await database.CreateAccountAsync();
        var nodes = await Task.WhenAll(workers.Select(count => Service.StartAsync(database, count, role: "worker")));
        using var api = node.Client(account.Token);
        try
        {
            var job = await ImportJob.RequestAsync(api);
            await database.SettleAsync();
            var clock = Stopwatch.StartNew();
            await job.StartAsync(path, "skip");
            if (kills) await KillOneAsync(database, job, nodes, rows, clock);
            var state = await job.ReadAsync();
            for (; state.Status == "processing"; state = await job.ReadAsync()) await Task.Delay(Poll);
            var took = clock.Elapsed;
            var contacts = await database.CountAsync("select count(*) from contacts where account_id = $1", account.Id);
            if (state != new ImportState("completed", new ImportCounts(rows, 0, 0, 0)) || contacts != rows)
                throw new InvalidOperationException($"The import came to {state}, the account holds {contacts} contacts.");
            Print($"{workers.Length} process{(workers.Length > 1 ? "es" : "")} of {workers[0]}{(kills ? ", one killed" : "")}", took);
            if (kills) await PrintLanesAsync(database, job, clock.Elapsed);
            return took.TotalSeconds;
        }
        finally
        {
            foreach (var worker in nodes) await worker.DisposeAsync();
            await database.ExecuteAsync("delete from contacts where account_id = $1", account.Id);
        }
    }

    /// <summary>Kills the process that runs the lane with the highest number, in the middle of that lane.</summary>
    private static async Task KillOneAsync(BenchmarkDatabase database, ImportJob job, Service[] nodes, int rows, Stopwatch clock)
    {
        while ((await job.ReadAsync()).Counts.Processed < rows / 2) await Task.Delay(Poll);
        await using var command = database.Source.CreateCommand(
            "select owner from lanes where job_id = $1 and status = 'running' order by lane desc limit 1");
        command.Parameters.Add(new NpgsqlParameter { Value = job.Id });
        if (await command.ExecuteScalarAsync() is not string owner)
        {
            Console.WriteLine("The import ended before a process could be killed: take more rows.");
            return;
        }

        var victim = nodes.Single(
            node => owner.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{node.ProcessId}"), StringComparison.Ordinal));
        await victim.KillAsync();
        Print("killed one after", clock.Elapsed);
    }

    /// <summary>Prints when each lane ended, counted from the start. Only the lane of the dead process waited for its lease.</summary>
    private static async Task PrintLanesAsync(BenchmarkDatabase database, ImportJob job, TimeSpan now)
    {
        await using var command = database.Source.CreateCommand(
            "select lane, extract(epoch from clock_timestamp() - updated_at)::double precision from lanes where job_id = $1 order by lane");
        command.Parameters.Add(new NpgsqlParameter { Value = job.Id });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) Print($"  lane {reader.GetInt32(0)} ended after", now - TimeSpan.FromSeconds(reader.GetDouble(1)));
    }

    private static void Print(string what, TimeSpan time) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-36} {time.TotalSeconds,6:N2} s"));
}
