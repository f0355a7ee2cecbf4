using Driftwood.Api.Platform.Hosting;

namespace Driftwood.Tests.Work;

/// <summary>A node with each job engine of this build, for the tests of a class.</summary>
public sealed class EngineSites(PostgresServer server) : IAsyncLifetime
{
    private readonly Dictionary<string, (EngineSite Site, DriftwoodApp Node)> _sites = [];

    internal PostgresServer Server => server;

    public async ValueTask InitializeAsync()
    {
        foreach (var engine in JobEngines.All)
        {
            var site = new EngineSite(server, engine);
            _sites.Add(engine, (site, await site.StartNodeAsync()));
        }
    }

    internal (EngineSite Site, DriftwoodApp Node) this[string engine] => _sites[engine];

    public async ValueTask DisposeAsync()
    {
        foreach (var (site, _) in _sites.Values) await site.DisposeAsync();
    }
}
