using Driftwood.Data;
using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// A Citus cluster that runs already, named by <c>DRIFTWOOD_TEST_CITUS</c>: a superuser's connection strings of the coordinator and of
/// each worker, separated by <c>|</c>. A database of a test is made on all of them.
/// </summary>
internal static class CitusNodes
{
    public static string[]? All { get; } = Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_CITUS")?.Split('|');

    /// <summary>Skips a test that a cluster cannot run. CI has no cluster, so it runs all.</summary>
    /// <param name="reason">What it needs.</param>
    public static void RequireOneServer(string reason) => Assert.SkipWhen(All is not null, reason);

    /// <summary>The sessions of a database that wait for a lock, on any node.</summary>
    public static string WaitingSessions { get; } = All is null
        ? "select pid::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        : "select pid::text from citus_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

    public static async Task AddAsync(string database)
    {
        foreach (var worker in All!.Skip(1)) await ExecuteAsync(worker, "postgres", $"create database {database} template template0");
        foreach (var node in All!) await ExecuteAsync(node, database, "create extension citus");
        var (host, port) = Address(All![0]);
        await ExecuteAsync(All[0], database, $"select citus_set_coordinator_host('{host}', {port})");
        foreach (var worker in All.Skip(1))
        {
            (host, port) = Address(worker);
            await ExecuteAsync(All[0], database, $"select citus_add_node('{host}', {port})");
        }
    }

    public static Task DistributeAsync(string connectionString) =>
        Distribution.RunAsync(connectionString, _ => { }, CancellationToken.None);

    public static async Task DropAsync(string database)
    {
        foreach (var worker in All!.Skip(1)) await ExecuteAsync(worker, "postgres", $"drop database if exists {database} with (force)");
    }

    private static (string? Host, int Port) Address(string node)
    {
        var settings = new NpgsqlConnectionStringBuilder(node);
        return (settings.Host, settings.Port);
    }

    private static async Task ExecuteAsync(string node, string database, string text)
    {
        var settings = new NpgsqlConnectionStringBuilder(node) { Database = database, Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 60 };
        await command.ExecuteNonQueryAsync();
    }
}
