using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Data;

/// <summary>
/// Brings a database to this build's schema, making it first where it is missing. Any number of processes may do so at
/// once: without the lock four of them failed with 42P04 and 42P07.
/// </summary>
public static partial class Migrator
{
    /// <summary>Held while creating (on <c>postgres</c>) and while migrating (on the database itself); any constant will do.</summary>
    private const long LockId = 0x6472_6966_7477_6f6f; // "driftwoo"

    /// <exception cref="NpgsqlException">The server cannot be reached, or the user may not create or migrate.</exception>
    public static async Task MigrateAsync(string connectionString, ILogger logger, CancellationToken cancellationToken)
    {
        await using var connection = await OpenOrCreateAsync(connectionString, logger, cancellationToken);
        await LockAsync(connection, cancellationToken);
        // On the very connection that holds the lock: should it break, both end together.
        await using var db = new DriftwoodDb(Options(connection));
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            db.Database.SetCommandTimeout(0);
            await db.Database.MigrateAsync(cancellationToken);
            LogMigrated(logger, connection.Database, string.Join(", ", pending));
        }

        // At once for those who wait. Where migrating failed, closing the connection, which is not pooled, ends the session and the lock.
        await UnlockAsync(connection, cancellationToken);
    }

    /// <summary>Whether every migration of this build is applied; those of a newer build may be there too.</summary>
    public static async Task<bool> IsCurrentAsync(DriftwoodDb db, CancellationToken cancellationToken) =>
        !(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any();

    private static DbContextOptions<DriftwoodDb> Options(NpgsqlConnection connection) =>
        new DbContextOptionsBuilder<DriftwoodDb>()
            .UseNpgsql(connection)
            .UseDriftwood()
            // The schema is SQL and there is no snapshot to compare the model with; a test compares it with the database.
            .ConfigureWarnings(warnings => warnings.Log(
                (RelationalEventId.PendingModelChangesWarning, LogLevel.Debug),
                (RelationalEventId.ModelSnapshotNotFound, LogLevel.Debug)))
            .Options;

    private static async Task<NpgsqlConnection> OpenOrCreateAsync(
        string connectionString, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(connectionString, database: null, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            await CreateAsync(connectionString, logger, cancellationToken);
            return await OpenAsync(connectionString, database: null, cancellationToken);
        }
    }

    private static async Task CreateAsync(string connectionString, ILogger logger, CancellationToken cancellationToken)
    {
        var name = DatabaseOf(new NpgsqlConnectionStringBuilder(connectionString));
        await using var connection = await OpenAsync(connectionString, "postgres", cancellationToken);
        await LockAsync(connection, cancellationToken);
        var quoted = $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await using var create = new NpgsqlCommand(
            $"create database {quoted} encoding 'UTF8' template template0", connection);
        create.CommandTimeout = 0;
        try
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
            LogCreated(logger, name);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // Another process made it while this one waited for the lock.
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(
        string connectionString, string? database, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        settings.Database = database ?? DatabaseOf(settings);
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    // The driver does the same: a database without a name is the user's.
    private static string DatabaseOf(NpgsqlConnectionStringBuilder settings) =>
        settings.Database ?? settings.Username ?? throw new ArgumentException("The connection string names no database.");

    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Waits for as long as another process needs to migrate.
        await using var command = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task UnlockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_unlock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(2001, LogLevel.Information, "Created the database {Database}")]
    private static partial void LogCreated(ILogger logger, string database);

    [LoggerMessage(2002, LogLevel.Information, "Migrated {Database}: {Migrations}")]
    private static partial void LogMigrated(ILogger logger, string database, string migrations);
}
