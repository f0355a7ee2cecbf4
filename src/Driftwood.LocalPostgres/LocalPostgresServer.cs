using System.Globalization;
using Driftwood.LocalPostgres.Processes;
using Npgsql;

namespace Driftwood.LocalPostgres;

/// <summary>
/// A use of the PostgreSQL server of a data directory, on 127.0.0.1 only. The first use starts it, in this or any
/// process; the last to leave stops it. Uses are counted by file locks that end with their process, so a killed
/// process is never waited for: a server left behind by one is taken over, or started again, by the next.
/// </summary>
public sealed class LocalPostgresServer : IAsyncDisposable
{
    internal const string Superuser = "postgres";

    // Another process may be at a download or an initdb.
    private static readonly TimeSpan DecisionWait = TimeSpan.FromMinutes(10);

    private readonly Place _place;
    private readonly Postmaster _postmaster;
    private readonly ServerProbe _probe;
    private readonly FileLock _use;
    private readonly Action<string> _log;
    private readonly Lazy<Task> _left;

    private LocalPostgresServer(
        Place place, Postmaster postmaster, ServerProbe probe, FileLock use, int port, Action<string> log)
    {
        (_place, _postmaster, _probe, _use, _log) = (place, postmaster, probe, use, log);
        (Port, Version) = (port, probe.Version);
        _left = new Lazy<Task>(LeaveAsync);
        AppDomain.CurrentDomain.ProcessExit += LeaveAtExit;
    }

    /// <summary>The port on 127.0.0.1. A restart asks for the same one and normally gets it.</summary>
    public int Port { get; }

    /// <summary>The server's version, e.g. <c>17.6</c>.</summary>
    public string Version { get; }

    /// <summary>The directory of the cluster; outside the data directory when that is closed to the server's account.</summary>
    public string ClusterDirectory => _place.Cluster;

    /// <summary>The server's log file.</summary>
    public string LogFile => _place.Log;

    /// <summary>The server process; null once it is gone.</summary>
    public int? ProcessId => PostmasterFile.Read(_place.Cluster)?.ProcessId;

    /// <summary>
    /// Joins the server of a data directory, making the data and starting the server as needed. Takes about two
    /// seconds for new data, a third of a second after that, and longer where npm must bring PostgreSQL first.
    /// </summary>
    /// <param name="options">The data directory and the programs.</param>
    /// <param name="log">Receives a sentence for each thing done that takes time or may surprise.</param>
    /// <param name="ct">Gives up; a server on its way up is stopped.</param>
    /// <exception cref="LocalPostgresException">
    /// No usable PostgreSQL (the message names the ways out), data of another version, a data directory that cannot
    /// be used, or a server that does not start (the message ends with its log).
    /// </exception>
    public static async Task<LocalPostgresServer> StartAsync(
        LocalPostgresOptions options, Action<string>? log = null, CancellationToken ct = default)
    {
        log ??= static _ => { };
        var place = new Place(options.DataDirectory);
        place.Create();
        using var decision = await FileLock.TakeAsync(place.DecisionLock, DecisionWait, ct)
            ?? throw new LocalPostgresException(
                $"Another process has been starting the server of '{place.Directory}' for {DecisionWait.TotalMinutes:0} minutes.");
        place.Locate(log);
        var account = await ServiceAccount.ForAsync(place.Home is null ? null : place.Cluster, ct);
        await place.SettleAsync(account, log, ct);
        var cluster = new Cluster(place, account);
        var binaries = await BinarySearch.FindAsync(options, place, cluster.Made, account, log, ct);
        var password = cluster.Password();
        if (cluster.Made is null)
        {
            log($"Making a new cluster in '{place.Cluster}' with {binaries}");
            await cluster.CreateAsync(binaries, options.Profile, password, ct);
        }
        var probe = new ServerProbe(place, password);
        var postmaster = new Postmaster(place, binaries, account, options, probe);
        var port = await postmaster.JoinAsync(ct);
        log(port is null ? $"Starting {binaries}" : $"Joining the PostgreSQL server already running on port {port}");
        port ??= await postmaster.StartAsync(ct);
        var use = FileLock.TryTake(place.UseLock, exclusive: false)
            ?? throw new LocalPostgresException($"'{place.UseLock}' is held by a program other than Driftwood.");
        return new(place, postmaster, probe, use, port.Value, log);
    }

    /// <summary>A connection string for the superuser to a database of this server, which need not exist.</summary>
    public string ConnectionString(string database = "postgres") => Connection(Port, _probe.Password, database);

    /// <summary>
    /// Removes a data directory and all its data, stopping a server that a killed process left running in it.
    /// </summary>
    /// <returns>False, and nothing done, when the server is in use.</returns>
    /// <exception cref="LocalPostgresException">There is a running server that cannot be stopped.</exception>
    public static async Task<bool> DeleteAsync(LocalPostgresOptions options, CancellationToken ct = default)
    {
        var place = new Place(options.DataDirectory);
        if (!Directory.Exists(place.Directory)) return true;
        place.Create();
        using (var decision = FileLock.TryTake(place.DecisionLock, exclusive: true))
        using (var use = decision is null ? null : FileLock.TryTake(place.UseLock, exclusive: true))
        {
            if (use is null) return false;
            place.Locate(static _ => { });
            if (PostmasterFile.Read(place.Cluster) is { IsAlive: true })
            {
                var account = await ServiceAccount.ForAsync(place.Cluster, ct);
                var cluster = new Cluster(place, account);
                var binaries = await BinarySearch.FindAsync(options, place, cluster.Made, account, static _ => { }, ct);
                var probe = new ServerProbe(place, cluster.Password());
                if (!await new Postmaster(place, binaries, account, options, probe).StopAsync())
                    throw new LocalPostgresException($"The server of '{place.Cluster}' cannot be stopped.");
            }
            place.DeleteContent();
        }
        place.DeleteEmpty();
        return true;
    }

    /// <summary>
    /// Leaves the server; the last to leave stops it, within <see cref="LocalPostgresOptions.StopTimeout"/> and
    /// some seconds. Also done when the process exits, but not when an unhandled signal ends it: a host that turns
    /// Ctrl-C into a shutdown is the caller's part. Connections still open are cut.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= LeaveAtExit;
        await _left.Value;
    }

    internal static string Connection(int port, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = Superuser,
        Password = password,
        Database = database,
        // The server has neither: asking costs a round trip each time.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private async Task LeaveAsync()
    {
        // Deleted under us: PostgreSQL notices within a minute and stops by itself.
        if (!Directory.Exists(_place.Directory))
        {
            _use.Dispose();
            return;
        }
        using var decision = await FileLock.TakeAsync(_place.DecisionLock, _postmaster.StopTimeout, CancellationToken.None);
        _use.Dispose();
        // Someone is starting: the server is theirs now.
        if (decision is null) return;
        using var last = FileLock.TryTake(_place.UseLock, exclusive: true);
        if (last is null) return;
        if (!await _postmaster.StopAsync())
            _log(string.Create(CultureInfo.InvariantCulture, $"The PostgreSQL server in '{_place.Cluster}' did not stop"));
    }

    private void LeaveAtExit(object? sender, EventArgs e) =>
        _left.Value.Wait(_postmaster.StopTimeout + TimeSpan.FromSeconds(15));
}
