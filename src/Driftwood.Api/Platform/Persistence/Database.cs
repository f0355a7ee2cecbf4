using Driftwood.Data;
using Driftwood.LocalPostgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Api.Platform.Persistence;

/// <summary>
/// The database of this process: <c>ConnectionStrings:Driftwood</c> or <c>DATABASE_URL</c> where one is set, else a PostgreSQL server
/// in the data directory, which is shared with the other processes there and stops when the last of them has left.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private const string Name = "Driftwood", DirectName = "DriftwoodDirect", UrlName = "DATABASE_URL";

    private const string DatabaseName = "driftwood";

    /// <summary>
    /// A shutdown with a checkpoint is mostly done in well under a second; one cut short only recovers at the next start.
    /// </summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly LocalPostgresServer? _embedded;

    private Database(DatabaseRoute route, LocalPostgresServer? embedded) => (Route, _embedded) = (route, embedded);

    public DatabaseRoute Route { get; private set; }

    public string ConnectionString => Route.Data;

    public bool IsEmbedded => _embedded is not null;

    /// <param name="postgresDirectory">The directory of the embedded server's data; not touched when a database is configured.</param>
    /// <param name="log">Receives a sentence for each thing done that takes time.</param>
    /// <exception cref="LocalPostgresException">Nothing is configured, and no server can be started here.</exception>
    /// <exception cref="FormatException">What is configured is not a connection string.</exception>
    /// <exception cref="PoolerException">What is configured leads through a pooler that cannot carry the service.</exception>
    public static async Task<Database> OpenAsync(
        IConfiguration configuration, string postgresDirectory, Action<string> log, CancellationToken cancellationToken)
    {
        if (NamedIn(configuration) is var (setting, configured))
        {
            var data = Checked(setting, configured);
            var direct = configuration.GetConnectionString(DirectName) is { Length: > 0 } named
                ? Checked($"ConnectionStrings:{DirectName}", named)
                : null;
            return new Database(await FindRouteAsync(data, direct, log, cancellationToken), embedded: null);
        }

        var embedded = await LocalPostgresServer.StartAsync(
            new LocalPostgresOptions { DataDirectory = postgresDirectory, StopTimeout = StopTimeout }, log, cancellationToken);
        return new Database(new DatabaseRoute(embedded.ConnectionString(DatabaseName)), embedded);
    }

    /// <inheritdoc cref="Migrator.MigrateAsync"/>
    /// <exception cref="PoolerException">There is something to migrate, and no session to do it in.</exception>
    public async Task MigrateAsync(ILogger logger, CancellationToken cancellationToken)
    {
        if (Route.Sessions is { } sessions) await Migrator.MigrateAsync(sessions, logger, cancellationToken);
        else await RequireCurrentAsync(cancellationToken);
        // The migration may have made the database.
        if (Route.IsAssumed) Route = await DatabaseRoute.FindAsync(Route.Data, Route.Direct, cancellationToken);
    }

    /// <summary>Leaves the embedded server. Everything else that uses the database comes first.</summary>
    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<DatabaseRoute> FindRouteAsync(
        string data, string? direct, Action<string> log, CancellationToken cancellationToken)
    {
        try
        {
            var route = await DatabaseRoute.FindAsync(data, direct, cancellationToken);
            if (route.Pooler != PoolerMode.None) log(Describe(route));
            if (route.IsDistributed) log("The database is spread over the nodes of a Citus cluster.");
            return route;
        }
        catch (NpgsqlException)
        {
            // The server is down, or the database not made yet. Whoever uses the connection next says so, or makes it.
            return new DatabaseRoute(data, PoolerMode.None, direct) { IsAssumed = true };
        }
    }

    private static string Describe(DatabaseRoute route) => route switch
    {
        { Pooler: PoolerMode.Session } => "The database is reached through a pooler in session mode.",
        { Direct: not null } => "The database is reached through a pooler in transaction mode, and directly for sessions.",
        _ => "The database is reached through a pooler in transaction mode, so this node asks for new jobs every half second; "
            + "set ConnectionStrings:DriftwoodDirect to be told of them at once.",
    };

    private async Task RequireCurrentAsync(CancellationToken cancellationToken)
    {
        await using var db = new DriftwoodDb(new DbContextOptionsBuilder<DriftwoodDb>().UseNpgsql(ConnectionString).UseDriftwood().Options);
        if (await Migrator.IsCurrentAsync(db, cancellationToken)) return;
        throw new PoolerException(
            "The database must be migrated, which a pooler in transaction mode cannot carry; "
                + "set ConnectionStrings:DriftwoodDirect to a connection to the server itself.");
    }

    /// <summary>The setting that names the database, and its value. <c>DATABASE_URL</c> is what hosting platforms set.</summary>
    private static (string Setting, string Value)? NamedIn(IConfiguration configuration)
    {
        if (configuration.GetConnectionString(Name) is { Length: > 0 } named) return ($"ConnectionStrings:{Name}", named);
        return configuration[UrlName] is { Length: > 0 } url ? (UrlName, url) : null;
    }

    private static string Checked(string setting, string configured)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(
                DatabaseUrl.IsMeantBy(configured) ? DatabaseUrl.ToConnectionString(configured) : configured);
            return settings is { Host: not null, Database: not null } or { Host: not null, Username: not null }
                ? settings.ConnectionString
                : throw NotOne(setting, "it names no host or no database");
        }
        catch (ArgumentException e)
        {
            // It names the keyword, never a value: that may be the password.
            throw NotOne(setting, e.Message.TrimEnd('.'));
        }
    }

    private static FormatException NotOne(string setting, string reason) => new(
        $"{setting} is not a connection string ({reason}); "
        + "expected something like Host=localhost;Database=driftwood;Username=driftwood.");
}
