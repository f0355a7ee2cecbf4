using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports one file by a hand-written script and through Driftwood's public API, on one server in one run, each into
/// an account of its own: first into an empty account (skip), then over all that is there (merge).
/// </summary>
internal static class ImportBenchmark
{
    public static async Task RunAsync(int rows)
    {
        await using var database = await BenchmarkDatabase.StartAsync();
        var file = Path.Combine(database.Directory, "contacts.csv");
        await ContactsFile.WriteAsync(file, rows);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, {new FileInfo(file).Length / 1e6:N1} MB, {database.Machine}"));
        var (account, user) = await database.CreateAccountAsync(token: null);
        await database.CreateAccountAsync(BenchmarkDatabase.Token);
        await using var service = await Service.StartAsync(database.ConnectionString, database.Directory, BenchmarkDatabase.Token);
        foreach (var strategy in new[] { "skip", "merge" })
        {
            await database.CheckpointAsync();
            var script = await HandWrittenScript.RunAsync(database.Source, file, strategy, account, user);
            await database.CheckpointAsync();
            var driftwood = await service.ImportAsync(file, strategy);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{strategy,-6} script {Pace(rows, script)}   driftwood {Pace(rows, driftwood)}   ratio {script / driftwood:0.00}   peak {service.PeakMegabytes:0} MB"));
        }

        await RequireSameAsync(database, rows);
    }

    private static string Pace(int rows, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds,7:0.00} s {rows / time.TotalSeconds,9:N0} rows/s");

    /// <summary>Both sides did the same work, or the figures mean nothing.</summary>
    private static async Task RequireSameAsync(BenchmarkDatabase database, int rows)
    {
        await using var command = database.Source.CreateCommand("""
            select count(*), count(distinct (email_key, phone_key, first_name, last_name, company_name, city)) from contacts
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt64(0) != 2L * rows || reader.GetInt64(1) != rows)
        {
            throw new InvalidOperationException($"Expected two accounts with the same {rows} contacts, found {reader.GetInt64(0)} contacts, {reader.GetInt64(1)} different ones.");
        }
    }
}
