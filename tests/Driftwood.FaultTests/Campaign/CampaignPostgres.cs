using System.Diagnostics;
using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>A PostgreSQL of the campaign, as safe as in production. Faults kill it, and it starts again on the same data.</summary>
internal sealed class CampaignPostgres : IAsyncDisposable
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

    private string PasswordFile => Path.Combine(_options.DataDirectory, "password");

    /// <param name="like">A server whose password this one gets; null for a password of its own.</param>
    public static async Task<CampaignPostgres> StartAsync(CampaignPostgres? like = null)
    {
        var server = new CampaignPostgres();
        if (like is not null) File.Copy(like.PasswordFile, server.PasswordFile);
        server._uses.Add(await LocalPostgresServer.StartAsync(server._options));
        return server;
    }

    /// <summary>Makes an open proxy to the server. A restart of the server updates the proxy's port.</summary>
    public Proxy NewProxy()
    {
        var proxy = new Proxy(Current.Port);
        _proxies.Add(proxy);
        return proxy;
    }

    /// <summary>The connection string to a database of this server, until it crashes.</summary>
    public string ConnectionString(string database) => Current.ConnectionString(database);

    /// <summary>The connection string to a database of this server through one of its proxies.</summary>
    public string ConnectionString(string database, Proxy proxy) => new NpgsqlConnectionStringBuilder(ConnectionString(database))
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
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
        foreach (var use in Enumerable.Reverse(_uses)) await use.DisposeAsync();
        await LocalPostgresServer.DeleteAsync(_options);
        _crash.Dispose();
    }
}
