using System.Diagnostics;
using System.Globalization;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Benchmarks;

/// <summary>
/// Several accounts import different people at the same time through PgBouncer, whose sessions all of them share. Afterwards each account
/// must have its own people and no others. Small jobs are measured through it and without it, in turn.
/// </summary>
internal static class PoolerBenchmark
{
    private const int Turns = 3;

    // A client in session mode keeps a session for as long as it is connected.
    private static readonly (string Mode, int Sessions)[] Modes = [("transaction", 12), ("session", 60)];

    private static readonly int[] Accounts = [2, 8];

    /// <param name="rows">The rows of each file.</param>
    /// <param name="rounds">How often the accounts import. Every other round changes the people of the round before.</param>
    /// <param name="jobs">The small jobs of each turn.</param>
    public static async Task RunAsync(int rows, int rounds, int jobs)
    {
        foreach (var (mode, sessions) in Modes)
        {
            await using var database = await BenchmarkDatabase.StartAsync();
            await using var bouncer = await PgBouncer.StartAsync(database.ConnectionString, mode, sessions);
            (string, string)[] pooled =
            [
                ("ConnectionStrings:Driftwood", bouncer.Through(database.ConnectionString)),
                ("ConnectionStrings:DriftwoodDirect", database.ConnectionString),
            ];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{mode} mode, {sessions} sessions, {rows:N0} rows a file, {database.Machine}"));
            await using (var service = await Service.StartAsync(database, settings: pooled))
            {
                foreach (var accounts in Accounts) await ImportAsync(database, service, accounts, rows, rounds);
            }

            await CompareSmallJobsAsync(database, pooled, jobs);
        }
    }

    private static async Task ImportAsync(BenchmarkDatabase database, Service service, int accounts, int rows, int rounds)
    {
        List<Account> all = [];
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < rounds; round++)
        {
            var creates = round % 2 == 0;
            if (creates)
            {
                foreach (var account in all) await database.ExecuteAsync("delete from contacts where account_id = $1", account.Id);
                all.Clear();
                for (var n = 0; n < accounts; n++) all.Add(await database.CreateAccountAsync());
            }

            var expected = creates ? new ImportCounts(rows, 0, 0, 0) : new ImportCounts(0, rows, 0, 0);
            var paths = await Task.WhenAll(all.Select((_, n) => WriteAsync(database, n, rows, round)));
            await Task.WhenAll(all.Select((account, n) => ImportAsync(service, account, paths[n], expected)));
            for (var n = 0; n < accounts; n++) await RequireOwnAsync(database, all[n], n, rows, round);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{accounts} accounts, {rounds} rounds: each account has its own people only, {clock.Elapsed.TotalSeconds:0} s"));
    }

    private static async Task<string> WriteAsync(BenchmarkDatabase database, int account, int rows, int round)
    {
        var path = Path.Combine(database.Directory, string.Create(CultureInfo.InvariantCulture, $"people-{account}.csv"));
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("Email,First Name,City");
        for (var row = 0; row < rows; row++)
        {
            await writer.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"p{account}.{row}@example.com,First {row % 977},City {round}"));
        }

        return path;
    }

    private static async Task ImportAsync(Service service, Account account, string path, ImportCounts expected)
    {
        using var api = service.Client(account.Token);
        var job = await ImportJob.RequestAsync(api);
        await job.StartAsync(path, "merge");
        var state = await new ImportWatch(TimeSpan.FromMilliseconds(200)).RunAsync(job);
        if (state != new ImportState("completed", expected)) throw new InvalidOperationException($"Expected {expected}, found {state}.");
    }

    private static async Task RequireOwnAsync(BenchmarkDatabase database, Account account, int number, int rows, int round)
    {
        var all = await database.CountAsync("select count(*) from contacts where account_id = $1", account.Id);
        var own = await database.CountAsync(
            "select count(*) from contacts where account_id = $1 and email_key like $2 and city = $3",
            account.Id, string.Create(CultureInfo.InvariantCulture, $"p{number}.%"),
            string.Create(CultureInfo.InvariantCulture, $"City {round}"));
        if (all != rows || own != rows)
            throw new InvalidOperationException($"Account {number} has {all} contacts, and {own} of them are its own; expected {rows}.");
    }

    private static async Task CompareSmallJobsAsync(BenchmarkDatabase database, (string, string)[] pooled, int jobs)
    {
        var account = await database.CreateAccountAsync();
        await SeededContacts.AddAsync(database, account, 100);
        var ids = await database.IdsAsync(account);
        var ratios = new List<double>();
        for (var turn = 0; turn < Turns; turn++)
        {
            var direct = await MeasureSmallJobsAsync(database, account, ids, [], jobs);
            var through = await MeasureSmallJobsAsync(database, account, ids, pooled, jobs);
            Console.WriteLine($"a job of three contacts, direct {direct}, pooled {through}");
            ratios.Add(through.Median / direct.Median);
        }

        ratios.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"pooled takes {ratios[Turns / 2]:0.00} times as long (median of {Turns} turns)"));
    }

    private static async Task<Latencies> MeasureSmallJobsAsync(
        BenchmarkDatabase database, Account account, IReadOnlyList<Guid> ids, (string, string)[] settings, int jobs)
    {
        await using var service = await Service.StartAsync(database, settings: settings);
        using var api = service.Client(account.Token);
        return await new BulkJobs(api).RunSmallAsync(ids, jobs);
    }
}
