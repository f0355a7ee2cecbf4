using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>The name of a new database on the run's server. The product under test makes and migrates the database.</summary>
public sealed class TemporaryDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;

    public TemporaryDatabase(PostgresServer server)
    {
        _server = server;
        // Fields of a test class cannot await. The first caller starts the server, once per run.
        ConnectionString = Task.Run(server.NameDatabaseAsync).GetAwaiter().GetResult();
        Name = new NpgsqlConnectionStringBuilder(ConnectionString).Database!;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public async ValueTask DisposeAsync() => await _server.DropDatabaseAsync(ConnectionString);
}
