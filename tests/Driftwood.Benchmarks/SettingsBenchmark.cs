using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Driftwood.Benchmarks;

/// <summary>
/// Merges over the same contacts with a plain mapping, with a policy, with transforms, with a list of match fields, and as a dry run, in
/// turn. Each merge has other values than the one before. Nothing prepares the database between them.
/// </summary>
internal static class SettingsBenchmark
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    // Each changes the suggested mapping and adds settings to it.
    private static readonly (string Name, Func<JsonObject, JsonObject> Settings)[] Ways =
    [
        ("plain", _ => []),
        ("fill_blank", mapping =>
        {
            mapping["City"] = new JsonObject { ["field"] = "city", ["policy"] = "fill_blank" };
            return [];
        }),
        ("transforms", mapping =>
        {
            mapping["First Name"] = new JsonObject { ["field"] = "first_name", ["transforms"] = new JsonArray("title") };
            mapping["Company"] = new JsonObject { ["field"] = "company_name", ["transforms"] = new JsonArray("collapse") };
            var prefix = new JsonObject { ["name"] = "strip_prefix", ["text"] = "City of " };
            mapping["City"] = new JsonObject { ["field"] = "city", ["transforms"] = new JsonArray(prefix) };
            return [];
        }),
        ("match list", _ => new JsonObject { ["match_on"] = new JsonArray("email", "phone") }),
        ("dry run", _ => new JsonObject { ["dry_run"] = true }),
    ];

    /// <param name="rows">The number of contacts.</param>
    /// <param name="repeat">Times each way is run; the medians count.</param>
    public static async Task RunAsync(int rows, int repeat)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var account = await database.CreateAccountAsync();
        await using var service = await Service.StartAsync(database);
        using var api = service.Client(account.Token);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} contacts, {database.Machine}"));
        var path = Path.Combine(database.Directory, "contacts.csv");
        await ImportAsync(edition: 0, "skip", _ => []);
        var times = Ways.Select(_ => new List<TimeSpan>()).ToArray();
        var edition = 0;
        for (var round = 0; round < repeat; round++)
        {
            // The way that comes first in one round comes last in the next.
            for (var turn = 0; turn < Ways.Length; turn++)
            {
                var way = (turn + round) % Ways.Length;
                times[way].Add(await ImportAsync(++edition, "merge", Ways[way].Settings));
            }
        }

        var plain = Median(times[0]);
        Console.WriteLine("mapping       rows/s   beside plain");
        foreach (var (way, name) in Ways.Select(way => way.Name).Index())
        {
            var median = Median(times[way]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-10} {rows / median.TotalSeconds,9:N0} {plain / median,14:0.00}"));
        }

        async Task<TimeSpan> ImportAsync(int edition, string strategy, Func<JsonObject, JsonObject> settings)
        {
            await new ContactsFile(rows, edition).WriteAsync(path);
            var job = await ImportJob.RequestAsync(api);
            var clock = Stopwatch.StartNew();
            await job.StartAsync(path, strategy, settings);
            while (true)
            {
                var (status, counts) = await job.ReadAsync();
                if (status == "completed" && counts.Created + counts.Updated == rows) return clock.Elapsed;
                if (status != "processing") throw new InvalidOperationException($"Expected no failures, found {status} {counts}.");
                await Task.Delay(Poll);
            }
        }
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);
}
