using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The campaign's own database server, or its own Citus cluster of a coordinator and workers.</summary>
internal sealed class CampaignServer : IAsyncDisposable
{
    private readonly List<CampaignPostgres> _servers = [];
    private readonly List<Proxy> _pooled = [];
    private PgBouncer? _pooler;
    private int _crashes;

    /// <summary>The server that nodes connect to.</summary>
    private CampaignPostgres Main => _servers[0];

    /// <param name="pooler">The mode of a pooler for the nodes; null for none.</param>
    /// <param name="citusWorkers">The number of workers of a Citus cluster; 0 for plain PostgreSQL.</param>
    public static async Task<CampaignServer> StartAsync(string? pooler = null, int citusWorkers = 0)
    {
        var server = new CampaignServer();
        server._servers.Add(await CampaignPostgres.StartAsync());
        for (var worker = 0; worker < citusWorkers; worker++) server._servers.Add(await CampaignPostgres.StartAsync(server.Main));
        if (citusWorkers > 0) await CampaignCluster.LoadCitusAsync(server._servers);
        // The pooler reaches the server by a proxy, because the server may have another port after a crash.
        if (pooler is not null)
        {
            server._pooler = await PgBouncer.StartAsync(server.ConnectionString("postgres", server.NewProxy()), pooler, sessions: 15);
        }

        return server;
    }

    /// <summary>Whether the proxies of nodes lead to a pooler.</summary>
    public bool IsPooled => _pooler is not null;

    /// <summary>Whether the accounts of <see cref="MakeDatabaseAsync"/> are spread over several servers.</summary>
    public bool IsCluster => _servers.Count > 1;

    /// <summary>Makes a database whose accounts are spread over the workers. Without workers, the first node makes the database.</summary>
    public Task MakeDatabaseAsync(string database) =>
        IsCluster ? CampaignCluster.MakeDatabaseAsync(_servers, database) : Task.CompletedTask;

    /// <summary>Makes an open proxy for a node, to the pooler if there is one.</summary>
    public Proxy NewNodeProxy()
    {
        if (_pooler is null) return NewProxy();
        var proxy = new Proxy(_pooler.Port);
        _pooled.Add(proxy);
        return proxy;
    }

    /// <summary>Makes an open proxy to the server, without the pooler.</summary>
    public Proxy NewProxy() => Main.NewProxy();

    /// <summary>The connection string to a database of this server through one of its proxies.</summary>
    public string ConnectionString(string database, Proxy proxy) => Main.ConnectionString(database, proxy);

    /// <summary>The server, or those of the cluster in turn, the workers first: its name for people, and what crashes it.</summary>
    public (string Name, Func<Task> CrashAsync) NextVictim()
    {
        var index = Interlocked.Increment(ref _crashes) % _servers.Count;
        return (index == 0 ? "postmaster" : $"postmaster of Citus worker {index}", _servers[index].CrashAsync);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var proxy in _pooled) await proxy.DisposeAsync();
        if (_pooler is not null) await _pooler.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
    }
}
