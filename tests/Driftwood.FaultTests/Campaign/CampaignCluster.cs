using Driftwood.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>
/// A Citus cluster of campaign servers: a coordinator and its workers. The extension must be installed in the PostgreSQL of this machine.
/// The servers know each other by proxies, whose ports stay when a server starts again.
/// </summary>
internal static class CampaignCluster
{
    private static readonly string[] Settings =
    [
        "shared_preload_libraries = 'citus'",
        "max_prepared_transactions = 200",
        // A worker that was killed between the two phases of a commit keeps the transaction's locks until then.
        "citus.recover_2pc_interval = '2s'",
        "citus.shard_count = 4",
        // A statement over all accounts would otherwise open and close connections for each of its shards.
        "citus.max_adaptive_executor_pool_size = 1",
        // The servers have no certificates.
        "citus.node_conninfo = 'sslmode=disable'",
    ];

    /// <summary>Loads the extension's library, for which the servers start again.</summary>
    public static async Task LoadCitusAsync(IReadOnlyList<CampaignPostgres> servers)
    {
        foreach (var server in servers)
        {
            await ExecuteAsync(server, "postgres", $"alter system set {Settings[0]}");
            await server.CrashAsync();
            foreach (var setting in Settings.Skip(1)) await ExecuteAsync(server, "postgres", $"alter system set {setting}");
            await server.CrashAsync();
        }
    }

    /// <summary>Makes the database on the coordinator, which is the first server, and on the workers, and distributes it.</summary>
    public static async Task MakeDatabaseAsync(IReadOnlyList<CampaignPostgres> servers, string database)
    {
        var coordinator = servers[0];
        await Migrator.MigrateAsync(coordinator.ConnectionString(database), NullLogger.Instance, CancellationToken.None);
        foreach (var worker in servers.Skip(1)) await ExecuteAsync(worker, "postgres", $"create database {database}");
        var access = new NpgsqlConnectionStringBuilder(coordinator.ConnectionString(database));
        foreach (var server in servers)
        {
            await ExecuteAsync(server, database, "create extension citus");
            await ExecuteAsync(
                server, database, $"insert into pg_dist_authinfo values (0, '{access.Username}', 'password={access.Password}')");
        }

        await ExecuteAsync(coordinator, database, $"select citus_set_coordinator_host('127.0.0.1', {coordinator.NewProxy().Port})");
        foreach (var worker in servers.Skip(1))
            await ExecuteAsync(coordinator, database, $"select citus_add_node('127.0.0.1', {worker.NewProxy().Port})");
        await Distribution.RunAsync(coordinator.ConnectionString(database), _ => { }, CancellationToken.None);
    }

    private static async Task ExecuteAsync(CampaignPostgres server, string database, string statement)
    {
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString(database)) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }
}
