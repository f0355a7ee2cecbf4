using Npgsql;

namespace Driftwood.Data;

/// <summary>The server has no Citus, or the database cannot be distributed. The message says what to do.</summary>
public sealed class DistributionException(string message) : Exception(message);

/// <summary>
/// Spreads a migrated database over the nodes of a Citus cluster: an account's rows are on one node, in tables that are placed alike.
/// It can be repeated, and goes on where it was stopped.
/// </summary>
public static class Distribution
{
    private const string SignIn = "tokens"; // A secret is looked up before its account is known, so each node has all tokens.

    // In the order of their foreign keys: Citus asks that a referenced table is distributed first.
    private static readonly (string Table, string Column)[] ByAccount =
    [
        ("accounts", "id"),
        .. new[]
        {
            "users", "idempotency_keys", "record_schemas", "record_types", "fields", "companies", "sources", "contacts", "custom_records",
            "unique_values", "uploads", "jobs", "imports", "import_profiles", "bulk_jobs", "draft_batches", "maintenance_jobs", "lanes",
            "lane_plans", "receipts", "retried_rows", "row_errors", "row_warnings", "dry_run_keys", "dry_run_records", "bulk_items",
            "bulk_target_runs", "target_failures", "changes", "latest_changes", "audit",
        }.Select(table => (table, "account_id")),
    ];

    // Citus allows no foreign key from a table that all nodes have to a distributed one, no SET NULL of some columns, and no triggers.
    // Users are never deleted, records are unlinked by the statement before their deletion, and no statement changes the audit list.
    private const string LetGo = """
        alter table tokens drop constraint if exists tokens_account_id_user_id_fkey;
        alter table contacts
            drop constraint if exists contacts_account_id_company_id_fkey,
            drop constraint if exists contacts_account_id_source_id_fkey;
        drop trigger if exists audit_is_append_only on audit;
        """;

    private static readonly (string Column, string Target)[] Links = [("company_id", "companies"), ("source_id", "sources")];

    /// <summary>The tables that are spread by account.</summary>
    public static IEnumerable<string> SpreadTables => ByAccount.Select(table => table.Table);

    /// <summary>Whether the database is distributed.</summary>
    /// <param name="connectionString">Of the coordinator, or of a server without Citus.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NpgsqlException">The server cannot be reached.</exception>
    public static async Task<bool> IsDoneAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        const string IsSpread = "select exists (select from pg_dist_partition where logicalrelid = to_regclass('lanes'))";
        return await AsksAsync(connection, "select to_regclass('pg_dist_partition') is not null", cancellationToken)
            && await AsksAsync(connection, IsSpread, cancellationToken);
    }

    /// <summary>Distributes the database.</summary>
    /// <param name="connectionString">Of the coordinator, in a session of its own.</param>
    /// <param name="say">Receives a line for each table.</param>
    /// <param name="cancellationToken">Stops it after a table.</param>
    /// <exception cref="DistributionException">The server has no Citus, no workers, or a coordinator that may hold shards.</exception>
    public static async Task RunAsync(string connectionString, Action<string> say, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await RequireClusterAsync(connection, cancellationToken);
        if (!await IsPlacedAsync("contacts")) await ExecuteAsync(connection, LetGo, cancellationToken);
        await PlaceAsync(SignIn, $"select create_reference_table('{SignIn}')", "on every node");
        foreach (var (table, column) in ByAccount)
        {
            var beside = table == "accounts" ? "" : ", colocate_with => 'accounts'";
            await PlaceAsync(table, $"select create_distributed_table('{table}', '{column}'{beside})", "spread by account");
        }

        await LinkAsync(connection, cancellationToken);

        async Task PlaceAsync(string table, string statement, string how)
        {
            if (await IsPlacedAsync(table))
            {
                say($"{table}: is {how} already");
                return;
            }

            await ExecuteAsync(connection, statement, cancellationToken);
            say($"{table}: is {how} now");
        }

        Task<bool> IsPlacedAsync(string table) => AsksAsync(
            connection, $"select exists (select from pg_dist_partition where logicalrelid = '{table}'::regclass)", cancellationToken);
    }

    // Makes the foreign keys that were dropped before the tables were distributed.
    private static async Task LinkAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var (column, target) in Links)
        {
            var name = $"contacts_account_id_{column}_fkey";
            var exists = $"select exists (select from pg_constraint where conname = '{name}')";
            if (await AsksAsync(connection, exists, cancellationToken)) continue;
            await ExecuteAsync(
                connection,
                $"alter table contacts add constraint {name} foreign key (account_id, {column}) references {target} (account_id, id)",
                cancellationToken);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task RequireClusterAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string HasWorkers = "select exists (select from pg_dist_node where groupid <> 0 and shouldhaveshards)";
        const string CoordinatorHoldsShards = "select exists (select from pg_dist_node where groupid = 0 and shouldhaveshards)";
        if (!await AsksAsync(connection, "select exists (select from pg_extension where extname = 'citus')", cancellationToken))
        {
            throw new DistributionException(
                $"The database {connection.Database} has no extension citus; create it on every node, and add the nodes, first.");
        }

        if (!await AsksAsync(connection, HasWorkers, cancellationToken))
        {
            throw new DistributionException("The cluster has no workers; add them with citus_add_node on the coordinator first.");
        }

        // The coordinator's planner would be in the way of its own shards: its settings in a chunk are for temporary tables.
        if (await AsksAsync(connection, CoordinatorHoldsShards, cancellationToken))
        {
            throw new DistributionException(
                "The coordinator may hold shards; set its property shouldhaveshards to false with citus_set_node_property first.");
        }
    }

    private static async Task<bool> AsksAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(text, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
