using System.Globalization;
using Driftwood.LocalPostgres;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>The server of a test run: a named one, a container or a local one.</summary>
internal sealed class TestPostgres : IAsyncDisposable
{
    private readonly Func<ValueTask> _stop;

    private TestPostgres(string adminConnectionString, bool outlivesTheRun, Func<ValueTask> stop)
    {
        // There is no pool, because an open session keeps a database from being copied or dropped.
        AdminConnectionString = new NpgsqlConnectionStringBuilder(adminConnectionString) { Pooling = false }.ConnectionString;
        OutlivesTheRun = outlivesTheRun;
        _stop = stop;
    }

    /// <summary>The unpooled connection string of a superuser.</summary>
    public string AdminConnectionString { get; }

    /// <summary>Says whether the server belongs to someone else. Then the run must drop everything that it made there.</summary>
    public bool OutlivesTheRun { get; }

    public static async Task<TestPostgres> StartAsync()
    {
        var server = await FindAsync();
        await RequireVersionAsync(server);
        return server;
    }

    public ValueTask DisposeAsync() => _stop();

    private static async Task<TestPostgres> FindAsync()
    {
        if (CitusNodes.All is [var coordinator, ..]) return new(coordinator, outlivesTheRun: true, () => ValueTask.CompletedTask);
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_POSTGRES") is { Length: > 0 } named)
            return new(named, outlivesTheRun: true, () => ValueTask.CompletedTask);
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_DATABASE") == "testcontainers") return await StartContainerAsync();

        var server = await DisposableServer.StartAsync();
        return new(server.ConnectionString(), outlivesTheRun: false, server.DisposeAsync);
    }

    // Which PostgreSQL the launcher finds depends on PATH. A run that is about one version must not pass on another.
    private static async Task RequireVersionAsync(TestPostgres server)
    {
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_POSTGRES_VERSION") is not { Length: > 0 } wanted) return;
        await using var connection = new NpgsqlConnection(server.AdminConnectionString);
        await connection.OpenAsync();
        var found = connection.PostgreSqlVersion.Major.ToString(CultureInfo.InvariantCulture);
        if (found == wanted) return;
        await server.DisposeAsync();
        throw new InvalidOperationException($"The tests found PostgreSQL {found}, not {wanted}.");
    }

    private static async Task<TestPostgres> StartContainerAsync()
    {
        var container = new PostgreSqlBuilder("postgres:17").Build();
        await container.StartAsync();
        return new(container.GetConnectionString(), outlivesTheRun: false, container.DisposeAsync);
    }
}
