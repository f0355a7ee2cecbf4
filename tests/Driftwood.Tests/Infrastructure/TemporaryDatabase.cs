using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// A database of its own, named but not made: the API makes and migrates it. Stands in until the shared fixture is there.
/// </summary>
public sealed class TemporaryDatabase : IAsyncDisposable
{
    public TemporaryDatabase()
    {
        var admin = Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_POSTGRES")
            ?? throw new InvalidOperationException("Set DRIFTWOOD_TEST_POSTGRES to an administrator's connection string.");
        var settings = new NpgsqlConnectionStringBuilder(admin) { Database = "postgres", Pooling = false };
        _admin = settings.ConnectionString;
        settings.Database = $"test_{Guid.NewGuid():N}";
        settings.Pooling = true;
        settings.MaxPoolSize = 30;
        Name = settings.Database;
        ConnectionString = settings.ConnectionString;
    }

    private readonly string _admin;

    public string Name { get; }

    public string ConnectionString { get; }

    public async ValueTask DisposeAsync()
    {
        await using var connection = new NpgsqlConnection(_admin);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand($"drop database if exists \"{Name}\" with (force)", connection);
        await drop.ExecuteNonQueryAsync();
    }
}
