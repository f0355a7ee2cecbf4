using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Data;
using Driftwood.LocalPostgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>An account with one user and a token.</summary>
internal sealed record Account(Guid Id, Guid User, string Token);

/// <summary>A migrated database on its own server, in a directory that is deleted with it.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly LocalPostgresOptions _postgres;
    private readonly LocalPostgresServer _server;

    private BenchmarkDatabase(string directory, LocalPostgresOptions postgres, LocalPostgresServer server)
    {
        (Directory, _postgres, _server) = (directory, postgres, server);
        ConnectionString = server.ConnectionString("driftwood");
        // Some measured statements take minutes.
        Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            CommandTimeout = 0,
            ApplicationName = "benchmark",
        });
    }

    public string Directory { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    public string Machine => string.Create(
        CultureInfo.InvariantCulture,
        $"PostgreSQL {_server.Version}, .NET {Environment.Version}, "
            + $"{Environment.ProcessorCount} cores that do {Cores.Together:0.0} times the work of one");

    public static async Task<BenchmarkDatabase> StartAsync()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("driftwood-benchmark-").FullName;
        var postgres = new LocalPostgresOptions { DataDirectory = Path.Combine(directory, "postgres") };
        var database = new BenchmarkDatabase(directory, postgres, await LocalPostgresServer.StartAsync(postgres));
        await Migrator.MigrateAsync(database.ConnectionString, NullLogger.Instance, CancellationToken.None);
        return database;
    }

    public async Task<Account> CreateAccountAsync()
    {
        var account = new Account(Guid.CreateVersion7(), Guid.CreateVersion7(), $"dw_{Guid.NewGuid():N}");
        await using var batch = Source.CreateBatch();
        Add(batch, "insert into accounts (id, name) values ($1, 'Benchmark')", account.Id);
        Add(batch, "insert into users (account_id, id, name, email) values ($1, $2, 'Benchmark', 'benchmark@example.com')", account.Id,
            account.User);
        Add(batch,
            "insert into tokens (account_id, id, user_id, name, scopes, secret_sha256) values ($1, $2, $3, 'benchmark', '{read,write}', "
            + "$4)",
            account.Id, Guid.CreateVersion7(), account.User, SHA256.HashData(Encoding.UTF8.GetBytes(account.Token)));
        await batch.ExecuteNonQueryAsync();
        return account;
    }

    /// <summary>
    /// Prepares the database before a side begins, so the side does not pay for earlier work: it writes everything out, removes
    /// dead rows, and gives the planner fresh statistics.
    /// </summary>
    public async Task SettleAsync()
    {
        await ExecuteAsync("vacuum analyze contacts");
        await ExecuteAsync("checkpoint");
    }

    public async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Returns the number that a query selects.</summary>
    public async Task<long> CountAsync(string sql, params object[] values)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Returns the ids of an account's contacts, ascending.</summary>
    public async Task<IReadOnlyList<Guid>> IdsAsync(Account account)
    {
        await using var command = Source.CreateCommand("select id from contacts where account_id = $1 order by id");
        command.Parameters.AddWithValue(account.Id);
        await using var reader = await command.ExecuteReaderAsync();
        List<Guid> ids = [];
        while (await reader.ReadAsync()) ids.Add(reader.GetGuid(0));
        return ids;
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await _server.DisposeAsync();
        await LocalPostgresServer.DeleteAsync(_postgres);
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static void Add(NpgsqlBatch batch, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }
}
