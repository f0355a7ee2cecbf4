using Hangfire.PostgreSql;
using Npgsql;

namespace Driftwood.Hangfire;

/// <summary>Hangfire's tables, in a schema of their own.</summary>
public static class HangfireSchema
{
    private const long LockId = 0x6472_6966_6861_6e67; // "drifhang"

    /// <summary>Whether Hangfire has tables there.</summary>
    public static async Task<bool> IsInstalledAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"select to_regclass('{HangfireSettings.Schema}.schema') is not null", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Makes the tables, or brings them to the version that this build's Hangfire wants. Any number of processes may do so at once.
    /// </summary>
    /// <exception cref="NpgsqlException">The server cannot be reached, or the user may not create.</exception>
    public static async Task InstallAsync(string connectionString, CancellationToken cancellationToken)
    {
        // Not pooled: the lock ends with the session.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("select pg_advisory_lock($1)", connection) { CommandTimeout = 0 })
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = LockId });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        PostgreSqlObjectsInstaller.Install(connection, HangfireSettings.Schema);
    }
}
