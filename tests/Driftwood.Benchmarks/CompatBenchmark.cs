using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>
/// Sets objects natively, by items, and through Knock's route, in turn, on one server in one run. Both make the objects in the first round
/// and change them in the others. Measures from the request to the completed job.
/// </summary>
internal static class CompatBenchmark
{
    private static readonly string[] Colors = ["red", "green", "blue"];

    /// <param name="objects">The number of objects of a set, 1,000 at most.</param>
    /// <param name="rounds">The number of sets each way. The first round is not counted.</param>
    public static async Task RunAsync(int objects, int rounds)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        await using var service = await Service.StartAsync(database, serveKnock: true);
        using var native = service.Client((await MakeAccountAsync(database, service)).Token);
        using var knock = service.Client((await MakeAccountAsync(database, service)).Token);
        var (natively, throughKnock) = (new Latencies(), new Latencies());
        for (var round = 0; round <= rounds; round++)
        {
            var (first, second) = (await NativeAsync(native, objects, round), await KnockAsync(knock, objects, round));
            if (round == 0) continue;
            natively.Add(first);
            throughKnock.Add(second);
        }

        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"a set of {objects:N0} objects, {rounds} rounds, {database.Machine}"));
        Console.WriteLine($"natively      {natively}");
        Console.WriteLine($"through Knock {throughKnock}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"ratio of the medians {throughKnock.Median / natively.Median:0.00}"));
    }

    private static async Task<Account> MakeAccountAsync(BenchmarkDatabase database, Service service)
    {
        var account = await database.CreateAccountAsync();
        using var api = service.Client(account.Token);
        await api.CallAsync("record-types-create", new { key = "cars", name = "Cars" });
        await api.CallAsync("fields-create", new { record_type = "cars", key = "color", label = "Color", kind = "text" });
        return account;
    }

    private static async Task<TimeSpan> NativeAsync(ApiClient api, int objects, int round)
    {
        var items = Enumerable.Range(0, objects)
            .Select(n => new { external_id = $"car-{n}", name = $"Car {n}", color = Colors[round % Colors.Length] });
        var clock = Stopwatch.StartNew();
        var job = await api.CallAsync(
            "bulk-jobs-create", new { entity_type = "cars", operation = "upsert", items, @params = new { match_on = "external_id" } });
        await FinishAsync(api, job, objects);
        return clock.Elapsed;
    }

    private static async Task<TimeSpan> KnockAsync(ApiClient api, int objects, int round)
    {
        var sent = Enumerable.Range(0, objects)
            .Select(n => new { id = $"car-{n}", name = $"Car {n}", color = Colors[round % Colors.Length] });
        var clock = Stopwatch.StartNew();
        var operation = await api.PostAsync("v1/objects/cars/bulk/set", new { objects = sent });
        await FinishAsync(api, operation, objects);
        return clock.Elapsed;
    }

    private static async Task FinishAsync(ApiClient api, JsonElement job, int objects)
    {
        var id = job.GetProperty("id").GetGuid();
        do job = await api.CallAsync("bulk-jobs-get", new { id });
        while (job.GetProperty("status").GetString() is "pending" or "processing");
        if (job.GetProperty("success_count").GetInt64() != objects)
            throw new InvalidOperationException($"Expected {objects} objects set, found {job.GetProperty("success_count")}.");
    }
}
