using System.Diagnostics;
using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The campaign's own PostgreSQL, as safe as in production, which is killed and started again on the same data.</summary>
internal sealed class CampaignServer : IAsyncDisposable
{
    private readonly LocalPostgresOptions _options = new()
    {
        DataDirectory = Directory.CreateTempSubdirectory("driftwood-campaign-").FullName,
        PackageDirectory = Path.Combine(Path.GetTempPath(), $"driftwood-tests-{Environment.UserName}", "npm"),
        Profile = LocalPostgresProfile.Durable,
    };

    private readonly List<LocalPostgresServer> _uses = [];
    private readonly List<Proxy> _proxies = [];
    private readonly SemaphoreSlim _crash = new(1);

    private LocalPostgresServer Current => _uses[^1];

    public static async Task<CampaignServer> StartAsync()
    {
        var server = new CampaignServer();
        server._uses.Add(await LocalPostgresServer.StartAsync(server._options));
        return server;
    }

    /// <summary>A way to the server, kept up to date when it starts again; open.</summary>
    public Proxy NewProxy()
    {
        var proxy = new Proxy(Current.Port);
        _proxies.Add(proxy);
        return proxy;
    }

    /// <summary>To a database of this server by one of its proxies.</summary>
    public string ConnectionString(string database, Proxy proxy) => new NpgsqlConnectionStringBuilder(Current.ConnectionString(database))
    {
        Port = proxy.Port,
        // What a node waits for a new connection; the way to the database is near, or it is cut.
        Timeout = 5,
    }.ConnectionString;

    /// <summary>SIGKILL to the postmaster, then a start that recovers. Its file of the old one is left to PostgreSQL.</summary>
    public async Task CrashAsync()
    {
        await _crash.WaitAsync();
        using (var postmaster = Process.GetProcessById(
            Current.ProcessId ?? throw new InvalidOperationException("The server is gone already.")))
        {
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
        }

        _uses.Add(await LocalPostgresServer.StartAsync(_options));
        foreach (var proxy in _proxies) proxy.ServerPort = Current.Port;
        _crash.Release();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
        foreach (var use in Enumerable.Reverse(_uses)) await use.DisposeAsync();
        await LocalPostgresServer.DeleteAsync(_options);
        _crash.Dispose();
    }
}
