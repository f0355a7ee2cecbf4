using System.Diagnostics;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// Measures the machine's limit. Two sessions each COPY half of ready-made binary rows straight into <c>contacts</c> with all its
/// indexes. The rows go into an account of their own, which is emptied again.
/// </summary>
internal static class CopyLimit
{
    private const int Sessions = 2;

    private const string Values =
        "id, first_name, last_name, email, email_key, phone, phone_key, company_name, city, custom, tags, tag_keys, created_at, "
            + "created_by, updated_at, updated_by";

    /// <param name="database">The database that the benchmark uses.</param>
    /// <param name="like">The account whose contacts are copied.</param>
    public static async Task<TimeSpan> RunAsync(BenchmarkDatabase database, Account like)
    {
        var account = await database.CreateAccountAsync();
        var files = Enumerable.Range(0, Sessions).Select(part => Path.Combine(database.Directory, $"ready-made-{part}")).ToArray();
        foreach (var (part, file) in files.Index()) await MakeAsync(database, like, account, part, file);
        await database.SettleAsync();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(files.Select(file => CopyAsync(database, file)));
        var time = clock.Elapsed;
        await database.ExecuteAsync("delete from contacts where account_id = $1", account.Id);
        foreach (var file in files) File.Delete(file);
        return time;
    }

    // The match key splits the rows, as lanes split a file. The rows are in the order of their ids.
    private static async Task MakeAsync(BenchmarkDatabase database, Account like, Account account, int part, string path)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var rows = await connection.BeginRawBinaryCopyAsync($"""
            copy (select '{account.Id}'::uuid, {Values} from contacts
                  where account_id = '{like.Id}' and abs(hashtext(email_key)) % {Sessions} = {part} order by id) to stdout (format binary)
            """);
        await using var file = File.Create(path);
        await rows.CopyToAsync(file);
    }

    private static async Task CopyAsync(BenchmarkDatabase database, string path)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var file = File.OpenRead(path);
        await using var copy = await connection.BeginRawBinaryCopyAsync($"copy contacts (account_id, {Values}) from stdin (format binary)");
        await file.CopyToAsync(copy, 1 << 16);
    }
}
