using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Driftwood.LocalPostgres.Processes;

namespace Driftwood.LocalPostgres;

/// <summary>The server process of a cluster: joined when it runs, started when not, stopped at the end.</summary>
internal sealed class Postmaster(
    Place place, Binaries binaries, ServiceAccount account, LocalPostgresOptions options, ServerProbe probe)
{
    // After a killed postmaster its sessions leave by themselves, at the latest when their statement ends.
    private static readonly TimeSpan SessionsLeave = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan MostToAsk = TimeSpan.FromSeconds(10);

    public TimeSpan StopTimeout => options.StopTimeout;

    /// <summary>The port of the running server; null when it must be started.</summary>
    public async Task<int?> JoinAsync(CancellationToken ct)
    {
        var deadline = Deadline.In(options.StartTimeout);
        while (PostmasterFile.Read(place.Cluster) is { IsAlive: true } file)
        {
            var answer = await probe.AskAsync(file.Port, ct);
            if (answer == ProbeAnswer.Ours) return file.Port;
            if (answer == ProbeAnswer.PasswordRefused) throw PasswordRefused(file.Port);
            // "ready", but nobody answers: left over from a crash, and the process number is someone else's now.
            if (answer == ProbeAnswer.NotOurs && file.IsReady) return null;
            if (deadline.HasPassed) return null;
            await Task.Delay(Deadline.Poll, ct);
        }
        return null;
    }

    /// <summary>Starts the server and waits until it takes connections; answers its port.</summary>
    /// <exception cref="LocalPostgresException">It did not come up; the end of its log is in the message.</exception>
    public async Task<int> StartAsync(CancellationToken ct)
    {
        var deadline = Deadline.In(options.StartTimeout);
        var sessions = Deadline.In(SessionsLeave);
        var port = LastPort() is { } last && IsFree(last) ? last : FreePort();
        var ports = 1;
        var hasLz4 = options.Profile == LocalPostgresProfile.Durable && (await account.RunAsync(
            [binaries.Tool("postgres"), .. ServerSettings.AskForLz4(place.Cluster)], MostToAsk, ct)).Succeeded;
        while (true)
        {
            var said = new ServerLog(place.Log);
            if (await ComesUpAsync(await LaunchAsync(port, hasLz4, ct), port, deadline, ct))
            {
                await File.WriteAllTextAsync(place.PortFile, $"{port}\n", ct);
                return port;
            }
            var reason = said.SinceThen();
            if (ServerLog.PortWasTaken(reason) && ports++ < 5)
            {
                port = FreePort();
                continue;
            }
            if (!ServerLog.OldServerRemains(reason) || sessions.HasPassed || deadline.HasPassed)
                throw new LocalPostgresException($"{binaries} did not start. The end of its log '{place.Log}':\n{reason}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
            if (await JoinAsync(ct) is { } joined) return joined;
        }
    }

    /// <summary>Stops the server: fast, and if that takes too long without a checkpoint. True when it is gone.</summary>
    public async Task<bool> StopAsync()
    {
        foreach (var (mode, limit) in new[] { ("fast", options.StopTimeout), ("immediate", TimeSpan.FromSeconds(10)) })
        {
            if (PostmasterFile.Read(place.Cluster) is not { IsAlive: true }) return true;
            var seconds = Math.Max(1, (int)limit.TotalSeconds);
            await account.RunAsync(
                [binaries.Tool("pg_ctl"), "stop", "--silent", "--pgdata", place.Cluster, "--mode", mode, "--timeout", $"{seconds}"],
                limit + TimeSpan.FromSeconds(5), CancellationToken.None);
        }
        return PostmasterFile.Read(place.Cluster) is not { IsAlive: true };
    }

    /// <summary>
    /// Starts postgres in a session of its own, so that Ctrl-C at the terminal reaches us and not it. As our own
    /// child where setsid(1) exists, so that a killed postmaster is reaped even in a container whose first process
    /// does not reap; elsewhere by pg_ctl, which does the same and on Windows also gives up administrator rights.
    /// </summary>
    private async Task<Launch> LaunchAsync(int port, bool hasLz4, CancellationToken ct)
    {
        var arguments = ServerSettings.Arguments(options.Profile, port, hasLz4);
        if (options.ThroughPgCtl)
        {
            var settings = string.Join(' ', arguments.Select(a => a.EndsWith('=') ? a + "''" : a));
            return new Launch(null, await Command.RunDetachedAsync(account.Wrap(
                binaries.Tool("pg_ctl"), "start", "--silent", "--pgdata", place.Cluster, "--log", place.Log,
                "--timeout", $"{options.StartTimeout.TotalSeconds:0}", "-o", settings), ct) == 0);
        }
        var child = Command.TryStart(
            [
                Command.Find("setsid")!, .. account.Wrap(["/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", place.Log,
                    binaries.Tool("postgres"), "-D", place.Cluster, .. arguments]),
            ], out _);
        return new Launch(child, child is not null);
    }

    private async Task<bool> ComesUpAsync(Launch launch, int port, Deadline deadline, CancellationToken ct)
    {
        while (launch.MayComeUp)
        {
            if (ct.IsCancellationRequested) await StopAsync();
            ct.ThrowIfCancellationRequested();
            if (PostmasterFile.Read(place.Cluster) is { IsReady: true } file && file.Port == port)
            {
                var answer = await probe.AskAsync(port, CancellationToken.None);
                if (answer == ProbeAnswer.Ours) return true;
                if (answer == ProbeAnswer.PasswordRefused) throw await GivenUpAsync(PasswordRefused(port));
            }
            if (deadline.HasPassed)
            {
                throw await GivenUpAsync(new LocalPostgresException(
                    $"{binaries} was not ready after {options.StartTimeout.TotalSeconds:0} s. "
                    + $"The end of its log '{place.Log}':\n{ServerLog.Tail(place.Log)}"));
            }
            await Task.Delay(Deadline.Poll, CancellationToken.None);
        }
        return false;
    }

    private async Task<LocalPostgresException> GivenUpAsync(LocalPostgresException reason)
    {
        await StopAsync();
        return reason;
    }

    private LocalPostgresException PasswordRefused(int port) => new(
        $"The server on port {port} does not accept the password in '{place.PasswordFile}'. "
        + "It was changed in one place only; put the same one into the other.");

    private int? LastPort() =>
        File.Exists(place.PortFile) && ushort.TryParse(File.ReadAllText(place.PortFile), out var port) ? port : null;

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A start under way: our child, or what pg_ctl reported.</summary>
    private sealed record Launch(Process? Child, bool Began)
    {
        public bool MayComeUp => Began && Child is not { HasExited: true };
    }
}
