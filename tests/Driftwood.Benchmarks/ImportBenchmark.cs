using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Data;
using Driftwood.LocalPostgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports one file by a hand-written script and through Driftwood's public API, on one server in one run, each into
/// an account of its own: first into an empty account (skip), then over all that is there (merge).
/// </summary>
internal static class ImportBenchmark
{
    private const string Token = "dw_benchmark";

    public static async Task<int> RunAsync(int rows)
    {
        var directory = Directory.CreateTempSubdirectory("driftwood-benchmark-").FullName;
        var postgres = new LocalPostgresOptions { DataDirectory = Path.Combine(directory, "postgres") };
        try
        {
            await using var server = await LocalPostgresServer.StartAsync(postgres);
            var connectionString = server.ConnectionString("driftwood");
            await Migrator.MigrateAsync(connectionString, NullLogger.Instance, CancellationToken.None);
            await using var database = NpgsqlDataSource.Create(connectionString);
            var file = Path.Combine(directory, "contacts.csv");
            await ContactsFile.WriteAsync(file, rows);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rows:N0} rows, {new FileInfo(file).Length / 1e6:N1} MB, PostgreSQL {server.Version}, .NET {Environment.Version}, {Environment.ProcessorCount} cores"));
            var (account, user) = await CreateAccountAsync(database, token: null);
            await CreateAccountAsync(database, Token);
            await using var service = await Service.StartAsync(connectionString, directory, Token);
            foreach (var strategy in new[] { "skip", "merge" })
            {
                await CheckpointAsync(database);
                var script = await HandWrittenScript.RunAsync(database, file, strategy, account, user);
                await CheckpointAsync(database);
                var driftwood = await service.ImportAsync(file, strategy);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{strategy,-6} script {Pace(rows, script)}   driftwood {Pace(rows, driftwood)}   ratio {script / driftwood:0.00}   peak {service.PeakMegabytes:0} MB"));
            }

            await RequireSameAsync(database, rows);
            return 0;
        }
        finally
        {
            await LocalPostgresServer.DeleteAsync(postgres);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Pace(int rows, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds,7:0.00} s {rows / time.TotalSeconds,9:N0} rows/s");

    private static async Task<(Guid Account, Guid User)> CreateAccountAsync(NpgsqlDataSource database, string? token)
    {
        var (account, user) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var batch = database.CreateBatch();
        Add(batch, "insert into accounts (id, name) values ($1, 'Benchmark')", account);
        Add(batch, "insert into users (account_id, id, name, email) values ($1, $2, 'Benchmark', 'benchmark@example.com')", account, user);
        if (token is not null)
        {
            Add(batch, "insert into tokens (account_id, id, user_id, name, scopes, secret_sha256) values ($1, $2, $3, 'benchmark', '{read,write}', $4)",
                account, Guid.CreateVersion7(), user, SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        }

        await batch.ExecuteNonQueryAsync();
        return (account, user);
    }

    private static void Add(NpgsqlBatch batch, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }

    // Neither side pays for what the other left to be written.
    private static async Task CheckpointAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("checkpoint");
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Both sides did the same work, or the figures mean nothing.</summary>
    private static async Task RequireSameAsync(NpgsqlDataSource database, int rows)
    {
        await using var command = database.CreateCommand("""
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
