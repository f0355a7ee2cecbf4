using System.Diagnostics;
using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The campaign's own PostgreSQL, as safe as in production. Faults kill it, and it starts again on the same data.</summary>
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
    private readonly List<Proxy> _pooled = [];
    private readonly SemaphoreSlim _crash = new(1);
    private PgBouncer? _pooler;

    private LocalPostgresServer Current => _uses[^1];

    /// <param name="pooler">The mode of a pooler for the nodes; null for none.</param>
    public static async Task<CampaignServer> StartAsync(string? pooler = null)
    {
        var server = new CampaignServer();
        server._uses.Add(await LocalPostgresServer.StartAsync(server._options));
        // The pooler reaches the server by a proxy, because the server may have another port after a crash.
        if (pooler is not null)
        {
            server._pooler = await PgBouncer.StartAsync(server.ConnectionString("postgres", server.NewProxy()), pooler, sessions: 15);
        }

        return server;
    }

    /// <summary>Whether the proxies of nodes lead to a pooler.</summary>
    public bool IsPooled => _pooler is not null;

    /// <summary>Makes an open proxy for a node, to the pooler if there is one.</summary>
    public Proxy NewNodeProxy()
    {
        if (_pooler is null) return NewProxy();
        var proxy = new Proxy(_pooler.Port);
        _pooled.Add(proxy);
        return proxy;
    }

    /// <summary>Makes an open proxy to the server. A restart of the server updates the proxy's port.</summary>
    public Proxy NewProxy()
    {
        var proxy = new Proxy(Current.Port);
        _proxies.Add(proxy);
        return proxy;
    }

    /// <summary>The connection string to a database of this server through one of its proxies.</summary>
    public string ConnectionString(string database, Proxy proxy) => new NpgsqlConnectionStringBuilder(Current.ConnectionString(database))
    {
        Port = proxy.Port,
        // The node waits this long for a new connection. The database is near or cut off, so a short wait is enough.
        Timeout = 5,
    }.ConnectionString;

    /// <summary>Sends SIGKILL to the postmaster and starts a server that recovers. PostgreSQL handles the old postmaster's file.</summary>
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
        foreach (var proxy in _pooled) await proxy.DisposeAsync();
        if (_pooler is not null) await _pooler.DisposeAsync();
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
        foreach (var use in Enumerable.Reverse(_uses)) await use.DisposeAsync();
        await LocalPostgresServer.DeleteAsync(_options);
        _crash.Dispose();
    }
}
