using System.Globalization;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Runs the service with its own connection path to the database. A fault takes the node before it disturbs it.</summary>
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
        Proxy = server.NewNodeProxy();
        var database = new NpgsqlConnectionStringBuilder(site.ConnectionString).Database!;
        _settings =
        [
            ("ConnectionStrings__Driftwood", server.ConnectionString(database, Proxy)),
            ("Driftwood__Role", isApi ? "api" : "worker"),
            ("Driftwood__Jobs__LeaseSeconds", campaign.Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
            ("Driftwood__Jobs__ChunkRows", campaign.ChunkRows.ToString(CultureInfo.InvariantCulture)),
            .. server.IsPooled ? [("ConnectionStrings__DriftwoodDirect", site.ConnectionString)] : Array.Empty<(string, string)>(),
            .. campaign.Engine is { } engine ? [("Driftwood__Jobs__Engine", engine)] : Array.Empty<(string, string)>(),
        ];
    }

    public string Name { get; }

    public bool IsApi { get; }

    /// <summary>The proxy between the node and the database.</summary>
    public Proxy Proxy { get; }

    /// <summary>The process of the node; null between two processes.</summary>
    public ServiceProcess? Process => _process;

    /// <summary>The address that the node listens at; null between two processes.</summary>
    public Uri? Address => _address;

    /// <summary>Takes the node for a fault if no other fault has it. The caller must give it back.</summary>
    public bool TryTake() => _hand.Wait(0);

    public void GiveBack() => _hand.Release();

    /// <summary>Starts a process, as a supervisor does, and retries until it is up.</summary>
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
                // The process could not start. Without a database it may not.
                await Task.Delay(StartRetry);
            }
        }
    }

    /// <summary>Sends SIGKILL. Returns the process's id.</summary>
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

    /// <summary>Sends SIGTERM. If the process is not gone after <paramref name="most"/>, kills it and returns null.</summary>
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
