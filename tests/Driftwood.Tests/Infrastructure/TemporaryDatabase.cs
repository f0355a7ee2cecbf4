using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>A database of its own on the run's server.</summary>
public sealed class TemporaryDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;

    /// <summary>Makes a database with the schema.</summary>
    public TemporaryDatabase(PostgresServer server)
        : this(server, () => server.CreateDatabaseAsync(TestSchema.MakeAsync))
    {
    }

    private TemporaryDatabase(PostgresServer server, Func<Task<string>> make)
    {
        _server = server;
        // Fields of a test class cannot await. The first caller starts the server, once per run.
        ConnectionString = Task.Run(make).GetAwaiter().GetResult();
        Name = new NpgsqlConnectionStringBuilder(ConnectionString).Database!;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    /// <summary>The name of a new database. The product under test makes the database and its schema.</summary>
    public static TemporaryDatabase Missing(PostgresServer server) => new(server, server.NameDatabaseAsync);

    public async ValueTask DisposeAsync() => await _server.DropDatabaseAsync(ConnectionString);
}
