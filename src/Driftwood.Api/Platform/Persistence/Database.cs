using Driftwood.Data;
using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// The database of this process: <c>ConnectionStrings:Driftwood</c> where it is set, else a PostgreSQL server in the
/// data directory, which is shared with the other processes there and stops when the last of them has left.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private const string Name = "driftwood";

    /// <summary>
    /// A shutdown with a checkpoint is mostly done in well under a second; one cut short only recovers at the next start.
    /// </summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly LocalPostgresServer? _embedded;

    private Database(string connectionString, LocalPostgresServer? embedded) =>
        (ConnectionString, _embedded) = (connectionString, embedded);

    public string ConnectionString { get; }

    public bool IsEmbedded => _embedded is not null;

    /// <param name="postgresDirectory">The directory of the embedded server's data; not touched when a database is configured.</param>
    /// <param name="log">Receives a sentence for each thing done that takes time.</param>
    /// <exception cref="LocalPostgresException">Nothing is configured, and no server can be started here.</exception>
    /// <exception cref="FormatException">What is configured is not a connection string.</exception>
    public static async Task<Database> OpenAsync(
        IConfiguration configuration, string postgresDirectory, Action<string> log, CancellationToken cancellationToken)
    {
        if (configuration.GetConnectionString("Driftwood") is { Length: > 0 } configured)
            return new Database(Checked(configured), embedded: null);
        var embedded = await LocalPostgresServer.StartAsync(
            new LocalPostgresOptions { DataDirectory = postgresDirectory, StopTimeout = StopTimeout }, log, cancellationToken);
        return new Database(embedded.ConnectionString(Name), embedded);
    }

    /// <inheritdoc cref="Migrator.MigrateAsync"/>
    public Task MigrateAsync(ILogger logger, CancellationToken cancellationToken) =>
        Migrator.MigrateAsync(ConnectionString, logger, cancellationToken);

    /// <summary>Leaves the embedded server. Everything else that uses the database comes first.</summary>
    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string Checked(string configured)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(configured);
            return settings is { Host: not null, Database: not null } or { Host: not null, Username: not null }
                ? settings.ConnectionString
                : throw NotOne("it names no host or no database");
        }
        catch (ArgumentException e)
        {
            // It names the keyword, never a value: that may be the password.
            throw NotOne(e.Message.TrimEnd('.'));
        }
    }

    private static FormatException NotOne(string reason) => new(
        $"ConnectionStrings:Driftwood is not a connection string ({reason}); "
        + "expected something like Host=localhost;Database=driftwood;Username=driftwood.");
}
