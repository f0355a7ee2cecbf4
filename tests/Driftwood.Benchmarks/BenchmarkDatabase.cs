using System.Security.Cryptography;
using System.Text;
using Driftwood.Data;
using Driftwood.LocalPostgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>A migrated database on a server of its own, in a directory that goes with it.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    /// <summary>Of the account that is spoken to through the API.</summary>
    public const string Token = "dw_benchmark";

    private readonly LocalPostgresOptions _postgres;
    private readonly LocalPostgresServer _server;

    private BenchmarkDatabase(string directory, LocalPostgresOptions postgres, LocalPostgresServer server)
    {
        (Directory, _postgres, _server) = (directory, postgres, server);
        ConnectionString = server.ConnectionString("driftwood");
        Source = NpgsqlDataSource.Create(ConnectionString);
    }

    public string Directory { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    public string Machine => FormattableString.Invariant($"PostgreSQL {_server.Version}, .NET {Environment.Version}, {Environment.ProcessorCount} cores");

    public static async Task<BenchmarkDatabase> StartAsync()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("driftwood-benchmark-").FullName;
        var postgres = new LocalPostgresOptions { DataDirectory = Path.Combine(directory, "postgres") };
        var database = new BenchmarkDatabase(directory, postgres, await LocalPostgresServer.StartAsync(postgres));
        await Migrator.MigrateAsync(database.ConnectionString, NullLogger.Instance, CancellationToken.None);
        return database;
    }

    /// <summary>An account with one user, and with the token where it is told.</summary>
    public async Task<(Guid Account, Guid User)> CreateAccountAsync(string? token)
    {
        var (account, user) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var batch = Source.CreateBatch();
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

    /// <summary>Neither side pays for what the other left to be written.</summary>
    public async Task CheckpointAsync() => await ExecuteAsync("checkpoint");

    public async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 0;
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
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
