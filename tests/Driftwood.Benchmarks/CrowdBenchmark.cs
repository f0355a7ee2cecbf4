using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;

namespace Driftwood.Benchmarks;

/// <summary>
/// One account counts its contacts under an OR of a hundred patterns, with many callers at once. Another account lists five contacts, and a
/// probe asks for readiness, one request after the other. The same with the limits by account as shipped and with none, in one run.
/// </summary>
internal static class CrowdBenchmark
{
    private const int Patterns = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="rows">The contacts of the greedy account.</param>
    /// <param name="callers">Its callers. Each sends one request after the other.</param>
    /// <param name="seconds">How long they call.</param>
    public static async Task RunAsync(int rows, int callers, int seconds)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var (greedy, quiet) = (await database.CreateAccountAsync(), await database.CreateAccountAsync());
        await SeededContacts.AddAsync(database, greedy, rows);
        await SeededContacts.AddAsync(database, quiet, Math.Min(rows, 100));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{callers} callers count {rows:N0} contacts for {seconds} s, {database.Machine}"));
        foreach (var limits in new[] { true, false })
        {
            await using var service = await Service.StartAsync(database, limits: limits);
            Console.WriteLine(limits ? "with limits" : "without limits");
            await MeasureAsync(service, quiet, "alone", TimeSpan.FromSeconds(Math.Min(5, seconds)));
            using var end = new CancellationTokenSource();
            var calling = Enumerable.Range(0, callers).Select(caller => CallAsync(service, greedy, end.Token)).ToList();
            await MeasureAsync(service, quiet, "crowded", TimeSpan.FromSeconds(seconds));
            await end.CancelAsync();
            var statuses = (await Task.WhenAll(calling)).SelectMany(answers => answers);
            var counted = statuses.CountBy(status => status).OrderBy(pair => pair.Key);
            Console.WriteLine(
                $"  the greedy account's answers: {string.Join(", ", counted.Select(pair => $"{(int)pair.Key}: {pair.Value}"))}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  peak {service.PeakMegabytes:0} MB"));
        }
    }

    private static async Task MeasureAsync(Service service, Account quiet, string name, TimeSpan time)
    {
        var (lists, probes) = (new Latencies(), new Latencies());
        var refused = 0;
        using var client = Client(service, quiet.Token);
        using var probe = Client(service, token: null);
        var clock = Stopwatch.StartNew();
        var probing = Task.Run(async () =>
        {
            while (clock.Elapsed < time)
            {
                var start = Stopwatch.GetTimestamp();
                using var answer = await probe.GetAsync(new Uri("readyz", UriKind.Relative));
                if (!answer.IsSuccessStatusCode) Interlocked.Increment(ref refused);
                probes.AddSince(start);
                await Task.Delay(Pause);
            }
        });
        while (clock.Elapsed < time)
        {
            var start = Stopwatch.GetTimestamp();
            using var answer = await client.PostAsJsonAsync("api/contacts-list", new { limit = 5 });
            if (!answer.IsSuccessStatusCode) Interlocked.Increment(ref refused);
            lists.AddSince(start);
            await Task.Delay(Pause);
        }

        await probing;
        Console.WriteLine($"  {name,-8} list of five {lists}, readyz {probes}, refused {refused}");
    }

    /// <summary>Counts until the end. Returns the status of each answer.</summary>
    private static async Task<List<HttpStatusCode>> CallAsync(Service service, Account greedy, CancellationToken end)
    {
        var patterns = string.Join(" OR ", Enumerable.Range(0, Patterns).Select(n => $"last_name CONTAINS 'x{n}y'"));
        using var client = Client(service, greedy.Token);
        List<HttpStatusCode> statuses = [];
        while (!end.IsCancellationRequested)
        {
            try
            {
                using var answer = await client.PostAsJsonAsync("api/contacts-count", new { query = patterns }, end);
                statuses.Add(answer.StatusCode);
                if (answer.Headers.RetryAfter?.Delta is { } wait) await Task.Delay(wait, end);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return statuses;
    }

    private static HttpClient Client(Service service, string? token)
    {
        var client = new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromMinutes(2) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }
}
