using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>A PgBouncer in front of the server of a test run, on a free port.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private static readonly TimeSpan MaxStart = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private PgBouncer(Process process, DirectoryInfo directory, int port) => (_process, _directory, Port) = (process, directory, port);

    /// <summary>The port that it listens on.</summary>
    public int Port { get; }

    /// <param name="server">A connection string of the server, with its password.</param>
    /// <param name="mode">transaction, session or statement.</param>
    /// <param name="sessions">The most sessions that all connections to a database share.</param>
    public static async Task<PgBouncer> StartAsync(string server, string mode, int sessions = 20)
    {
        var settings = new NpgsqlConnectionStringBuilder(server);
        var port = FreePort();
        var directory = Directory.CreateTempSubdirectory("driftwood-pgbouncer-");
        var file = Path.Combine(directory.FullName, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            file,
            $"""
            [databases]
            * = host={settings.Host} port={settings.Port} user={settings.Username} password={settings.Password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            default_pool_size = {sessions}
            max_client_conn = 1000
            server_round_robin = 1
            """);
        var start = new ProcessStartInfo(Executable()) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (OperatingSystem.IsLinux() && Environment.UserName == "root")
        {
            // PgBouncer refuses to run as root, and reads its settings after it has changed the user.
            File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_101_101);
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add("nobody");
        }

        start.ArgumentList.Add(file);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var bouncer = new PgBouncer(process, directory, port);
        for (var clock = Stopwatch.StartNew(); !await bouncer.AcceptsAsync(); await Task.Delay(20))
        {
            if (process.HasExited || clock.Elapsed > MaxStart) throw new InvalidOperationException("PgBouncer does not listen.");
        }

        return bouncer;
    }

    /// <summary>The same database, through the pooler.</summary>
    public string Through(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = Port, MaxPoolSize = 100 }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static string Executable() =>
        new[] { "/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer" }.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("PgBouncer is missing: apt-get install pgbouncer");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> AcceptsAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
