using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports and bulk jobs, each taken back. Every undo must leave the contacts bit for bit as they were, except for the times and users of
/// their last change. Nothing prepares the database between the jobs.
/// </summary>
internal static class UndoBenchmark
{
    private const string Hash = """
        select coalesce(sum(hashtextextended((to_jsonb(r) - 'updated_at' - 'updated_by')::text, 0)), 0)::text || ' ' || count(*)
        from contacts r where r.account_id = $1
        """;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static async Task RunAsync(int rows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var account = await database.CreateAccountAsync();
        await using var service = await Service.StartAsync(database);
        using var api = service.Client(account.Token);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} contacts, {database.Machine}"));
        Console.WriteLine("job        job s   undo s   undo/job rows/s   log bytes a record");
        await MeasureAsync("create", () => ImportAsync(new ContactsFile(rows), "skip"));
        await ImportAsync(new ContactsFile(rows), "skip");
        await MeasureAsync("merge", () => ImportAsync(new ContactsFile(rows, Edition: 1), "merge"));
        await ReceiptAsync("skip", await ImportAsync(new ContactsFile(rows), "skip"));
        await ReceiptAsync("merge", await ImportAsync(new ContactsFile(rows, Edition: 1), "merge"));
        await MeasureAsync("overwrite", () => ImportAsync(new ContactsFile(rows, Edition: 2), "overwrite"));
        await MeasureAsync("update", () => BulkAsync("update", new { fields = new { city = "Oslo" } }));
        await MeasureAsync("tag", () => BulkAsync("tag", new { add = new[] { "vip" } }));
        await MeasureAsync("delete", () => BulkAsync("delete", null));

        async Task MeasureAsync(string name, Func<Task<Guid>> runAsync)
        {
            var before = await HashAsync();
            var size = await LogAsync();
            var clock = Stopwatch.StartNew();
            var job = await runAsync();
            var took = clock.Elapsed;
            var bytes = (await LogAsync() - size) / (double)rows;
            clock.Restart();
            var undo = (await api.CallAsync("jobs-undo", new { id = job })).GetProperty("id").GetGuid();
            await FinishAsync("bulk-jobs-get", undo);
            var undone = clock.Elapsed;
            if (await HashAsync() != before) throw new InvalidOperationException($"The undo of {name} left other contacts than before.");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-9} {took.TotalSeconds,6:0.00} {undone.TotalSeconds,8:0.00} {took / undone,17:0.00} {bytes,20:0}"));
        }

        // The first request makes the receipt; later ones send the file.
        async Task ReceiptAsync(string name, Guid import)
        {
            var peak = service.PeakMegabytes;
            var clock = Stopwatch.StartNew();
            var lines = await api.CountLinesAsync("imports-results-csv", new { id = import });
            var made = clock.Elapsed;
            clock.Restart();
            if (await api.CountLinesAsync("imports-results-csv", new { id = import }) != lines || lines != rows + 1)
                throw new InvalidOperationException($"The receipt of {name} has {lines} lines, expected {rows + 1}.");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"receipt of {name}: made at {rows / made.TotalSeconds:N0} lines/s, "
                + $"sent at {rows / clock.Elapsed.TotalSeconds:N0} lines/s, peak {service.PeakMegabytes - peak:0} MB more"));
        }

        async Task<Guid> ImportAsync(ContactsFile file, string strategy)
        {
            var path = Path.Combine(database.Directory, "contacts.csv");
            await file.WriteAsync(path);
            var job = await ImportJob.RequestAsync(api);
            await job.StartAsync(path, strategy);
            await FinishAsync("imports-get", job.Id);
            return job.Id;
        }

        async Task<Guid> BulkAsync(string operation, object? parameters)
        {
            var query = "SELECT * FROM contacts";
            var job = await api.CallAsync(
                "bulk-jobs-create",
                new { entity_type = "contacts", operation, query, expected_count = rows, @params = parameters });
            var id = job.GetProperty("id").GetGuid();
            await FinishAsync("bulk-jobs-get", id);
            return id;
        }

        async Task FinishAsync(string route, Guid id)
        {
            while (true)
            {
                var job = await api.CallAsync(route, new { id });
                var status = job.GetProperty("status").GetString();
                if (status == "completed" && job.GetProperty("failed_count").GetInt64() == 0) return;
                if (status != "processing") throw new InvalidOperationException($"Expected a job without failures, found {job}.");
                await Task.Delay(Poll);
            }
        }

        Task<long> LogAsync() => database.CountAsync("select pg_total_relation_size('changes')");

        async Task<string> HashAsync()
        {
            await using var command = database.Source.CreateCommand(Hash);
            command.Parameters.AddWithValue(account.Id);
            return (string)(await command.ExecuteScalarAsync())!;
        }
    }
}
