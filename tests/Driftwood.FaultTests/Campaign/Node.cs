using System.Globalization;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>A place where the service runs, with a way to the database of its own; whoever disturbs it takes it first.</summary>
internal sealed class Node : IAsyncDisposable
{
    private static readonly TimeSpan StartRetry = TimeSpan.FromMilliseconds(500);

    private readonly Site _site;
    private readonly (string Name, string Value)[] _settings;
    private readonly CampaignSettings _campaign;
    private readonly Tally _tally;
    private readonly SemaphoreSlim _hand = new(1);
    private volatile ServiceProcess? _process;
    private volatile Uri? _address;

    public Node(string name, bool isApi, Site site, CampaignServer server, CampaignSettings campaign, Tally tally)
    {
        (Name, IsApi, _site, _campaign, _tally) = (name, isApi, site, campaign, tally);
        Proxy = server.NewProxy();
        var database = new NpgsqlConnectionStringBuilder(site.ConnectionString).Database!;
        _settings =
        [
            ("ConnectionStrings__Driftwood", server.ConnectionString(database, Proxy)),
            ("Driftwood__Role", isApi ? "api" : "worker"),
            ("Driftwood__Jobs__LeaseSeconds", campaign.Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
            ("Driftwood__Jobs__ChunkRows", campaign.ChunkRows.ToString(CultureInfo.InvariantCulture)),
            .. campaign.Engine is { } engine ? [("Driftwood__Jobs__Engine", engine)] : Array.Empty<(string, string)>(),
        ];
    }

    public string Name { get; }

    public bool IsApi { get; }

    /// <summary>The node's way to the database.</summary>
    public Proxy Proxy { get; }

    /// <summary>What runs there; null between two processes.</summary>
    public ServiceProcess? Process => _process;

    /// <summary>Where it listens; null between two processes.</summary>
    public Uri? Address => _address;

    /// <summary>Takes the node for a fault, if no other has it; to be given back.</summary>
    public bool TryTake() => _hand.Wait(0);

    public void GiveBack() => _hand.Release();

    /// <summary>Starts a process, as a supervisor does: until it is up.</summary>
    /// <param name="settings">Environment variables of this process alone.</param>
    public async Task StartAsync(params (string Name, string Value)[] settings)
    {
        while (true)
        {
            try
            {
                _process = await ServiceProcess.StartAsync(_site, lanes: 4, [.. _settings, .. settings]);
                _address = _process.BaseAddress;
                return;
            }
            catch (InvalidOperationException)
            {
                // It could not start, as without a database it may not.
                await Task.Delay(StartRetry);
            }
        }
    }

    /// <summary>SIGKILL; the result is the process's id.</summary>
    public async Task<int> KillAsync()
    {
        var process = _process!;
        var id = process.Id;
        (_process, _address) = (null, null);
        if (!process.HasExited) await process.KillAsync();
        _tally.Read(process.Output);
        await process.DisposeAsync();
        return id;
    }

    /// <summary>SIGTERM; null when it was not gone after <paramref name="most"/>, and was killed.</summary>
    public async Task<(int ExitCode, TimeSpan Took)?> TerminateAsync(TimeSpan most)
    {
        try
        {
            return await _process!.TerminateAsync().WaitAsync(most);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            await KillAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await KillAsync();
        _hand.Dispose();
    }
}
