using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// The PostgreSQL of a test run, one for the whole assembly and started by the first test that asks for a
/// database. By default it is a local server on throw-away data. <c>DRIFTWOOD_TEST_DATABASE=testcontainers</c> starts one
/// in Docker instead. <c>DRIFTWOOD_TEST_POSTGRES</c>, a superuser's connection string, names a server that runs already.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly SemaphoreSlim _one = new(1);
    // A named server may serve other runs at the same time, or hold what a killed one left.
    private readonly string _run = $"driftwood_{Guid.NewGuid().ToString("N")[..8]}";
    private readonly HashSet<string> _databases = [];
    private TestPostgres? _server;
    private string? _template;
    private int _created;

    /// <summary>Nothing: a run that needs no database starts none.</summary>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// An empty database with the schema of the run. The first call makes a template with
    /// <paramref name="migrateTemplate"/>, which is given its connection string; every call copies it (~50 ms).
    /// All callers pass the same migration: only the first one's runs.
    /// </summary>
    /// <returns>The connection string of a new database, for <see cref="DropDatabaseAsync"/> afterwards.</returns>
    public async Task<string> CreateDatabaseAsync(Func<string, Task> migrateTemplate)
    {
        await _one.WaitAsync();
        try
        {
            _template ??= await MakeTemplateAsync(migrateTemplate);
            return await CreateAsync($"{_run}_{++_created}", _template);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>A database with nothing in it, for tests of the migration itself.</summary>
    /// <returns>The connection string of a new database, for <see cref="DropDatabaseAsync"/> afterwards.</returns>
    public async Task<string> CreateEmptyDatabaseAsync()
    {
        await _one.WaitAsync();
        try
        {
            return await CreateAsync($"{_run}_{++_created}", "template0");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The connection string of a database that is yet to be made, for <see cref="DropDatabaseAsync"/> afterwards.</summary>
    public async Task<string> NameDatabaseAsync()
    {
        await _one.WaitAsync();
        try
        {
            _server ??= await TestPostgres.StartAsync();
            var name = $"{_run}_{++_created}";
            _databases.Add(name);
            return ConnectionString(name);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Drops a database, cutting connections to it that are still open.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        await _one.WaitAsync();
        try
        {
            await DropAsync(new NpgsqlConnectionStringBuilder(connectionString).Database!);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Drops what the run made, and the server if it is the run's own.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            if (_server.OutlivesTheRun)
                foreach (var database in _databases.ToList()) await DropAsync(database);
            await _server.DisposeAsync();
        }
        _one.Dispose();
    }

    private async Task<string> MakeTemplateAsync(Func<string, Task> migrate)
    {
        var name = $"{_run}_template";
        var connection = await CreateAsync(name, "template0");
        var migrated = false;
        try
        {
            await migrate(connection);
            migrated = true;
        }
        finally
        {
            if (!migrated) await DropAsync(name);
        }
        // A database with a session in it cannot be copied: none is let in any more, pooled ones are cut.
        await ExecuteAsync($"alter database {name} allow_connections false");
        await ExecuteAsync($"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'");
        return name;
    }

    private async Task<string> CreateAsync(string name, string template)
    {
        _server ??= await TestPostgres.StartAsync();
        await ExecuteAsync($"create database {name} template {template}");
        _databases.Add(name);
        return ConnectionString(name);
    }

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(_server!.AdminConnectionString) { Database = database, Pooling = true, MaxPoolSize = 30 }
            .ConnectionString;

    private async Task DropAsync(string name)
    {
        // Forced out, pooled connections would stay in this process's pool, broken.
        await using (var pooled = new NpgsqlConnection(ConnectionString(name)))
            NpgsqlConnection.ClearPool(pooled);
        await ExecuteAsync($"drop database if exists {name} with (force)");
        _databases.Remove(name);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server!.AdminConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
        await command.ExecuteNonQueryAsync();
    }
}
