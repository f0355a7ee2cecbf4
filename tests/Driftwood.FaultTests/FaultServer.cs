using System.Security.Cryptography;
using System.Text;
using Driftwood.FaultTests;
using Driftwood.LocalPostgres;
using Npgsql;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(FaultServer))]
// Each test needs the machine's cores for the processes that it kills.
[assembly: Parallelization(Mode = ParallelMode.None)]

namespace Driftwood.FaultTests;

/// <summary>The PostgreSQL of the run. It has its own data and production's safety settings, and the data is deleted afterwards.</summary>
public sealed class FaultServer : IAsyncLifetime
{
    private readonly LocalPostgresOptions _options = new()
    {
        DataDirectory = Directory.CreateTempSubdirectory("driftwood-faults-").FullName,
        PackageDirectory = Path.Combine(Path.GetTempPath(), $"driftwood-tests-{Environment.UserName}", "npm"),
        Profile = LocalPostgresProfile.Durable,
    };

    private LocalPostgresServer? _server;
    private int _databases;

    public async ValueTask InitializeAsync() => _server = await LocalPostgresServer.StartAsync(_options);

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null) await _server.DisposeAsync();
        await LocalPostgresServer.DeleteAsync(_options);
    }

    /// <summary>Makes a database and a data directory that processes can share. The first process makes the schema.</summary>
    internal Site NewSite() => new(_server!.ConnectionString($"faults_{++_databases}"));

    /// <summary>Makes a site with all tables and indexes in a new directory under <paramref name="place"/>. It needs root.</summary>
    internal async Task<Site> NewSiteInAsync(string place)
    {
        var site = NewSite();
        var directory = Path.Combine(place, "tables");
        Directory.CreateDirectory(directory);
        await Shell.RunAsync("chown", $"--reference={_server!.ClusterDirectory}", directory);
        await site.AdministerAsync($"create tablespace {site.Database} location '{directory}'");
        await site.AdministerAsync($"create database {site.Database} tablespace {site.Database}");
        return site;
    }

    /// <summary>Drops what <see cref="NewSiteInAsync"/> made, so the place can be removed.</summary>
    internal static async Task DropAsync(Site site)
    {
        await site.AdministerAsync($"drop database {site.Database} with (force)");
        await site.AdministerAsync($"drop tablespace {site.Database}");
    }
}

/// <summary>The database and directory that the processes of one test share.</summary>
internal sealed class Site(string connectionString) : IDisposable
{
    public string ConnectionString { get; } = connectionString;

    public string Database { get; } = new NpgsqlConnectionStringBuilder(connectionString).Database!;

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("driftwood-fault-site-").FullName;

    /// <summary>Makes an account with one user. Returns its token.</summary>
    public async Task<string> CreateAccountAsync()
    {
        var token = $"dw_{Guid.NewGuid():n}{Guid.NewGuid():n}";
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            insert into accounts (id, name) values (@account, 'Fjord');
            insert into users (account_id, id, name, email) values (@account, @user, 'Ingrid', 'ingrid@fjord.example');
            insert into tokens (account_id, id, user_id, name, scopes, secret_sha256)
                values (@account, @user, @user, 'test', '{read,write}', @secret)
            """,
            connection);
        command.Parameters.AddWithValue("account", Guid.NewGuid());
        command.Parameters.AddWithValue("user", Guid.NewGuid());
        command.Parameters.AddWithValue("secret", SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return token;
    }

    /// <summary>Returns the first column of the first row as text; empty for null.</summary>
    public async Task<string> AskAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return $"{await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)}";
    }

    /// <summary>Keeps writers of contacts waiting until the connection is disposed of.</summary>
    public async Task<NpgsqlConnection> HoldContactsAsync()
    {
        // Without a pool, the end of the connection is the end of the lock.
        NpgsqlConnectionStringBuilder own = new(ConnectionString) { Pooling = false };
        NpgsqlConnection connection = new(own.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("lock table contacts in share mode", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Runs a statement on the database without the service.</summary>
    public async Task AdministerAsync(string sql)
    {
        NpgsqlConnectionStringBuilder outside = new(ConnectionString) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(outside.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a session whose statement sleeps in <c>pg_sleep</c>. Returns the session's application name.</summary>
    public Task<string> SleeperAsync() => Eventually.GetAsync(
        () => AskAsync("select min(application_name) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"),
        name => name.Length > 0);

    public void Dispose() => Directory.Delete(DataDirectory, recursive: true);

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }
}
