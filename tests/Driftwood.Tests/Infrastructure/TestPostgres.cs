using Driftwood.LocalPostgres;
using Npgsql;
#if FULL_STACK
using Testcontainers.PostgreSql;
#endif

namespace Driftwood.Tests.Infrastructure;

/// <summary>The server behind a test run, whichever of the three it is.</summary>
internal sealed class TestPostgres : IAsyncDisposable
{
    private readonly Func<ValueTask> _stop;

    private TestPostgres(string adminConnectionString, bool outlivesTheRun, Func<ValueTask> stop)
    {
        // Without a pool: a session left in a database keeps it from being copied or dropped.
        AdminConnectionString = new NpgsqlConnectionStringBuilder(adminConnectionString) { Pooling = false }.ConnectionString;
        OutlivesTheRun = outlivesTheRun;
        _stop = stop;
    }

    /// <summary>A superuser's, unpooled.</summary>
    public string AdminConnectionString { get; }

    /// <summary>The server is someone else's: what the run made in it must be dropped.</summary>
    public bool OutlivesTheRun { get; }

    public static async Task<TestPostgres> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_POSTGRES") is { Length: > 0 } named)
            return new(named, outlivesTheRun: true, () => ValueTask.CompletedTask);
        if (Environment.GetEnvironmentVariable("DRIFTWOOD_TEST_CONTAINERS") == "1") return await StartContainerAsync();

        var server = await DisposableServer.StartAsync();
        return new(server.ConnectionString(), outlivesTheRun: false, server.DisposeAsync);
    }

    public ValueTask DisposeAsync() => _stop();

#if FULL_STACK
    private static async Task<TestPostgres> StartContainerAsync()
    {
        var container = new PostgreSqlBuilder().WithImage("postgres:17").Build();
        await container.StartAsync();
        return new(container.GetConnectionString(), outlivesTheRun: false, container.DisposeAsync);
    }
#else
    private static Task<TestPostgres> StartContainerAsync() => throw new InvalidOperationException(
        "DRIFTWOOD_TEST_CONTAINERS=1 needs a build with -p:FullStack=true, which brings Testcontainers.");
#endif
}
