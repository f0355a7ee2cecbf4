using System.Text;

namespace Driftwood.LocalPostgres.Processes;

/// <summary>The server's log file from one moment on.</summary>
internal sealed class ServerLog
{
    private const int TailBytes = 4096;
    private const long KeptBytes = 10 << 20;

    private readonly string _path;
    private readonly long _start;

    /// <summary>Begins a new log when the old one has grown over 10 MB; one old one is kept.</summary>
    public ServerLog(string path)
    {
        _path = path;
        var file = new FileInfo(path);
        if (file is { Exists: true, Length: > KeptBytes }) file.MoveTo(path + ".old", overwrite: true);
        _start = File.Exists(path) ? new FileInfo(path).Length : 0;
    }

    /// <summary>The text that the server has written since, at most the last 4 kB.</summary>
    public string SinceThen() => Read(_path, _start);

    /// <summary>The end of a log.</summary>
    public static string Tail(string path) => Read(path, 0);

    /// <summary>Another process took the port between our look and the bind.</summary>
    public static bool PortWasTaken(string said) =>
        said.Contains("could not bind", StringComparison.Ordinal)
        || said.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal);

    /// <summary>Sessions of a killed postmaster still hold its shared memory, or PostgreSQL thinks the old one alive.</summary>
    public static bool OldServerRemains(string said) =>
        said.Contains("pre-existing shared memory block", StringComparison.Ordinal)
        || said.Contains("\"postmaster.pid\" already exists", StringComparison.Ordinal);

    private static string Read(string path, long from)
    {
        if (!File.Exists(path)) return "(no log was written)";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(file.Length, Math.Max(from, file.Length - TailBytes));
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd().TrimEnd();
    }
}
