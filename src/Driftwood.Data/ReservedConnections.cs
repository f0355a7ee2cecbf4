using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Data;

/// <summary>
/// A few connections for what must not wait behind requests: the look-up of tokens and the probe of readiness.
/// </summary>
public sealed class ReservedConnections : IAsyncDisposable
{
    /// <summary>A look-up takes about a millisecond, so four connections serve thousands a second.</summary>
    private const int Size = 4;

    private readonly NpgsqlDataSource _database;
    private readonly PooledDbContextFactory<DriftwoodDb> _contexts;

    /// <param name="settings">The settings of the database. Their pool is not used.</param>
    /// <param name="loggers">Where the libraries log.</param>
    public ReservedConnections(NpgsqlConnectionStringBuilder settings, ILoggerFactory loggers)
    {
        NpgsqlConnectionStringBuilder reserved = new(settings.ConnectionString) { MaxPoolSize = Math.Min(Size, settings.MaxPoolSize) };
        _database = new NpgsqlDataSourceBuilder(reserved.ConnectionString).UseLoggerFactory(loggers).Build();
        _contexts = new PooledDbContextFactory<DriftwoodDb>(
            new DbContextOptionsBuilder<DriftwoodDb>().UseNpgsql(_database).UseDriftwood().UseLoggerFactory(loggers).Options);
    }

    /// <summary>A context on these connections. The caller disposes of it.</summary>
    public DriftwoodDb CreateContext() => _contexts.CreateDbContext();

    /// <summary>Closes the idle connections.</summary>
    public void Clear() => _database.Clear();

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
