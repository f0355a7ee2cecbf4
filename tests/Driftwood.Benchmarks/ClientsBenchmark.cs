using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>
/// Many clients call all routes of the served OpenAPI document for minutes. Most are of one greedy account. A client of a quiet account is
/// measured alone first, and then among them. It has a process of its own.
/// </summary>
internal static class ClientsBenchmark
{
    private const int OtherAccounts = 5;

    /// <summary>Shorter runs have too few requests for a percentile that can be compared. Their times are printed only.</summary>
    private const int LeastSeconds = 60;

    private const double MaxRatio = 3;

    private const double MaxMilliseconds = 300;

    /// <summary>What a process that holds bodies of 8 MB may take (docs/operations.md).</summary>
    private const double MaxMegabytes = 512;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The server ends a connection that a node broke off when its statement ends. Meanwhile the node opens another.</summary>
    private const int BrokenConnections = 4;

    /// <summary>The pool of a node as shipped, the connections that it reserves, and broken ones.</summary>
    private static readonly int MaxConnections = Math.Max(30, 5 * Environment.ProcessorCount) + 4 + BrokenConnections;

    /// <summary>A few for each of Hangfire's workers.</summary>
    private static readonly int MaxQueueConnections = 5 * Math.Clamp(Environment.ProcessorCount, 2, 4);

    /// <param name="rows">The contacts of the greedy account.</param>
    /// <param name="clients">All clients. One is the quiet account's, a fifth are of other accounts.</param>
    /// <param name="seconds">How long they call.</param>
    public static async Task RunAsync(int rows, int clients, int seconds)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        await using var service = await Service.StartAsync(
            database, limits: true,
            settings: new[] { "Fulcrum", "Knock", "Zendesk" }.Select(name => ($"Driftwood:Compat:{name}:Accounts", "*")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clients} clients for {seconds} s, {database.Machine}"));
        List<string> tokens = [await AccountAsync(database, rows)];
        for (var n = 0; n < OtherAccounts; n++) tokens.Add(await AccountAsync(database, Math.Min(rows, 1_000)));
        await database.SettleAsync();
        using var crowd = await CrowdProcess.StartAsync(service.Address, clients - 1, tokens);
        using var quiet = await QuietClient.StartAsync(database, service, await AccountAsync(database, Math.Min(rows, 1_000)));
        await quiet.MeasureAsync(Part(seconds, 20));
        var alone = await quiet.MeasureAsync(Part(seconds, 10));

        using var end = new CancellationTokenSource();
        await crowd.BeginAsync();
        var counting = CountConnectionsAsync(database, "driftwood", end.Token);
        var countingOfQueue = CountConnectionsAsync(database, "driftwood-hangfire", end.Token);
        var crowded = await quiet.MeasureAsync(TimeSpan.FromSeconds(seconds));
        await end.CancelAsync();
        var report = await crowd.EndAsync();
        var (connections, ofQueue) = (await counting, await countingOfQueue);

        Console.WriteLine($"  quiet    alone {alone}\n  quiet    crowded {crowded}, refused {quiet.Refused}");
        foreach (var line in report.Lines) Console.WriteLine($"  {line}");
        ReportRoutes(report);
        List<string> defects = [.. report.Defects];
        defects.AddRange(Bounds(service, connections, ofQueue));
        if (seconds >= LeastSeconds) defects.AddRange(DefectsOf(alone, crowded, quiet));
        if (defects.Count > 0) throw new InvalidOperationException(string.Join('\n', defects));
    }

    private static IEnumerable<string> Bounds(Service service, long connections, long ofQueue)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  peak {service.PeakMegabytes:0} MB of {MaxMegabytes:0}, connections {connections} of {MaxConnections}, "
                + $"Hangfire's {ofQueue} of {MaxQueueConnections}"));
        if (connections > MaxConnections || ofQueue > MaxQueueConnections) yield return "There were more connections than the pools have.";
        if (connections == 0 || ofQueue == 0) yield return "No connection of a name was seen, so the names are wrong.";
        if (service.PeakMegabytes > MaxMegabytes) yield return "The process took more memory than it may.";
    }

    private static TimeSpan Part(int seconds, int share) => TimeSpan.FromSeconds(Math.Max(1, (double)seconds / share));

    private static IEnumerable<string> DefectsOf(Latencies alone, Latencies crowded, QuietClient quiet)
    {
        if (crowded.Percentile99 > MaxMilliseconds) yield return $"The quiet account waited for over {MaxMilliseconds} ms.";
        if (crowded.Percentile99 > MaxRatio * alone.Percentile99)
            yield return $"The quiet account waited for over {MaxRatio} times as long.";
        if (quiet.Refused > 0) yield return "The quiet account was refused.";
    }

    private static void ReportRoutes(CrowdReport report)
    {
        if (report.Lowest.Where(route => route.Value is null).Select(route => route.Key).ToList() is { Count: > 0 } missed)
            throw new InvalidOperationException($"Never called: {string.Join(", ", missed)}.");
        var refused = report.Lowest.Where(route => route.Value >= 300).Select(route => $"{route.Key} {route.Value}").ToList();
        var succeeded = report.Lowest.Count - refused.Count;
        Console.WriteLine($"  {succeeded} of {report.Lowest.Count} routes succeeded; {string.Join(", ", refused)}");
    }

    /// <summary>Returns the most connections of a name that the service had.</summary>
    private static async Task<long> CountConnectionsAsync(BenchmarkDatabase database, string name, CancellationToken end)
    {
        var most = 0L;
        while (!end.IsCancellationRequested)
        {
            most = Math.Max(most, await database.CountAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1", name));
            await Task.Delay(200, CancellationToken.None);
        }

        return most;
    }

    /// <summary>Makes an account with contacts. Returns a token that may do everything.</summary>
    private static async Task<string> AccountAsync(BenchmarkDatabase database, int contacts)
    {
        var account = await database.CreateAccountAsync();
        await SeededContacts.AddAsync(database, account, contacts);
        await database.ExecuteAsync("update tokens set scopes = '{read,write,admin}' where account_id = $1", account.Id);
        return account.Token;
    }

    /// <summary>One client that reads, one request after the other.</summary>
    private sealed class QuietClient : IDisposable
    {
        private readonly HttpClient _http;
        private readonly (string Route, object Body)[] _requests;

        private QuietClient(HttpClient http, (string Route, object Body)[] requests) => (_http, _requests) = (http, requests);

        /// <summary>The requests that did not succeed.</summary>
        public int Refused { get; private set; }

        public static async Task<QuietClient> StartAsync(BenchmarkDatabase database, Service service, string token)
        {
            using var api = service.Client(token);
            var file = Path.Combine(database.Directory, "quiet.csv");
            await File.WriteAllLinesAsync(file, ["Email,First Name", "quiet@example.com,Ada"]);
            var import = await ImportJob.RequestAsync(api);
            await import.StartAsync(file, "skip");
            var contacts = await api.CallAsync("contacts-list", new { limit = 5 });
            var contact = contacts.GetProperty("items")[0].GetProperty("id").GetGuid();
            var job = await api.CallAsync(
                "bulk-jobs-create",
                new
                {
                    entity_type = "contacts",
                    operation = "tag",
                    entity_ids = new[] { contact },
                    @params = new { add = new[] { "quiet" } },
                });
            var http = new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromMinutes(1) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return new QuietClient(
                http,
                [
                    ("contacts-list", new { limit = 5 }),
                    ("contacts-get", new { id = contact }),
                    ("imports-get", new { id = import.Id }),
                    ("bulk-jobs-get", new { id = job.GetProperty("id").GetGuid() }),
                ]);
        }

        public async Task<Latencies> MeasureAsync(TimeSpan time)
        {
            var latencies = new Latencies();
            var clock = Stopwatch.StartNew();
            for (var n = 0; clock.Elapsed < time; n++)
            {
                var (route, body) = _requests[n % _requests.Length];
                var start = Stopwatch.GetTimestamp();
                using var answer = await _http.PostAsJsonAsync($"api/{route}", body);
                latencies.AddSince(start);
                if (!answer.IsSuccessStatusCode) Refused++;
                await Task.Delay(Pause);
            }

            return latencies;
        }

        public void Dispose() => _http.Dispose();
    }
}
