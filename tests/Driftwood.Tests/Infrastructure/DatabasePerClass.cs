using Driftwood.Data;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// A class fixture: a database with the schema for one test class. It is dropped after the class's last test. With
/// <c>DRIFTWOOD_TEST_POOLER=transaction</c> (or <c>session</c>) its pool of connections leads through PgBouncer.
/// </summary>
public abstract class DatabasePerClass(PostgresServer server) : IAsyncLifetime
{
    private string? _connectionString;
    private NpgsqlDataSource? _dataSource;
    private PgBouncer? _pooler;

    /// <summary>The database's connection string.</summary>
    public string ConnectionString => _connectionString ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <summary>A pool of connections to the database.</summary>
    public NpgsqlDataSource DataSource => _dataSource ?? throw new InvalidOperationException("The fixture has not been initialised.");

    /// <summary>Creates the database.</summary>
    public virtual async ValueTask InitializeAsync()
    {
        _connectionString = await server.CreateDatabaseAsync(TestSchema.MakeAsync);
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_POOLER") is { Length: > 0 } mode)
        {
            _pooler = await PgBouncer.StartAsync(_connectionString, mode, sessions: 25);
            _dataSource = NpgsqlDataSource.Create((await DatabaseRoute.FindAsync(
                _pooler.Through(_connectionString), _connectionString, CancellationToken.None)).Data);
        }
        else
        {
            _dataSource = NpgsqlDataSource.Create(_connectionString);
        }
    }

    /// <summary>Drops the database.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_dataSource is not null) await _dataSource.DisposeAsync();
        if (_pooler is not null) await _pooler.DisposeAsync();
        if (_connectionString is not null) await server.DropDatabaseAsync(_connectionString);
    }
}
