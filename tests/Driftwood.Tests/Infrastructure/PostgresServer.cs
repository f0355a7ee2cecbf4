using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// The PostgreSQL of a test run. There is one for the whole assembly, and the first test that needs a database starts it. By
/// default it is a local server on throw-away data. <c>DRIFTWOOD_TEST_DATABASE=testcontainers</c> starts one in Docker instead.
/// <c>DRIFTWOOD_TEST_POSTGRES</c>, a superuser's connection string, names a running server. <c>DRIFTWOOD_TEST_CITUS</c> names the nodes of
/// a running cluster; each database is then distributed (<see cref="CitusNodes"/>).
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const int MaxDrops = 5;

    private readonly SemaphoreSlim _one = new(1);
    // A named server may serve other runs at the same time, or hold the leftovers of a killed run.
    private readonly string _run = $"driftwood_{Guid.NewGuid().ToString("N")[..8]}";
    private readonly HashSet<string> _databases = [];
    private TestPostgres? _server;
    private string? _template;
    private int _created;

    /// <summary>Does nothing. A run that needs no database starts no server.</summary>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// Makes an empty database with the schema of the run. The first call makes a template with
    /// <paramref name="migrateTemplate"/>, which gets the template's connection string. Every call copies the template (~50 ms).
    /// All callers pass the same migration, because only the first caller's migration runs.
    /// </summary>
    /// <returns>The connection string of a new database, for <see cref="DropDatabaseAsync"/> afterwards.</returns>
    public async Task<string> CreateDatabaseAsync(Func<string, Task> migrateTemplate)
    {
        await _one.WaitAsync();
        try
        {
            if (CitusNodes.All is not null) return await CreateDistributedAsync(migrateTemplate);
            _template ??= await MakeTemplateAsync(migrateTemplate);
            return await CreateAsync($"{_run}_{++_created}", _template);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Makes a database with nothing in it, for tests of the migration itself.</summary>
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

    /// <summary>The connection string of a database that does not exist yet, for <see cref="DropDatabaseAsync"/> afterwards.</summary>
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

    /// <summary>Drops a database and cuts the connections to it that are still open.</summary>
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

    /// <summary>Drops everything that the run made, and the server if it belongs to the run.</summary>
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

    // A copy of a distributed database would share the shards of its template.
    private async Task<string> CreateDistributedAsync(Func<string, Task> migrate)
    {
        var name = $"{_run}_{++_created}";
        var connection = await CreateAsync(name, "template0");
        await CitusNodes.AddAsync(name);
        await migrate(connection);
        await CitusNodes.DistributeAsync(connection);
        return connection;
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
        // PostgreSQL cannot copy a database with a session in it. So it accepts no new sessions, and the pooled ones are cut.
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
        // If the server ended pooled connections by force, they would stay broken in this process's pool.
        await using (var pooled = new NpgsqlConnection(ConnectionString(name)))
            NpgsqlConnection.ClearPool(pooled);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ExecuteAsync($"drop database if exists {name} with (force)");
                break;
            }
            catch (PostgresException inUse) when (inUse.SqlState == PostgresErrorCodes.ObjectInUse && attempt < MaxDrops)
            {
                // The statement waits five seconds for the sessions that it ends. On a busy machine that may be too short.
            }
        }

        if (CitusNodes.All is not null) await CitusNodes.DropAsync(name);
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
