using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>A database of its own on the run's server, named but not made: for tests in which the product makes and migrates it.</summary>
public sealed class TemporaryDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;

    public TemporaryDatabase(PostgresServer server)
    {
        _server = server;
        // Fields of a test class cannot await; the server is started once a run, by whoever comes first.
        ConnectionString = Task.Run(server.NameDatabaseAsync).GetAwaiter().GetResult();
        Name = new NpgsqlConnectionStringBuilder(ConnectionString).Database!;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public async ValueTask DisposeAsync() => await _server.DropDatabaseAsync(ConnectionString);
}
