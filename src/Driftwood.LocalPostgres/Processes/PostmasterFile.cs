using System.Diagnostics;
using System.Globalization;

namespace Driftwood.LocalPostgres.Processes;

/// <summary>
/// PostgreSQL's own <c>postmaster.pid</c>, which is only read: whether a stale one stands in the way is for
/// PostgreSQL to judge. Lines: process id, data directory, start time, port, socket directory, listen address,
/// shared memory key, status.
/// </summary>
internal sealed record PostmasterFile(int ProcessId, int Port, string Status)
{
    public bool IsReady => Status == "ready";

    /// <summary>Whether a process of that number runs. After a crash it may be an unrelated one.</summary>
    public bool IsAlive
    {
        get
        {
            try
            {
                using var process = Process.GetProcessById(ProcessId);
                return !process.HasExited;
            }
            catch (ArgumentException)
            {
                return false;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }

    /// <summary>The file of a cluster; null when there is none or it is still being written.</summary>
    public static PostmasterFile? Read(string cluster)
    {
        try
        {
            using var file = new FileStream(Path.Combine(cluster, "postmaster.pid"), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            var lines = reader.ReadToEnd().Split('\n');
            return lines.Length > 3 && Number(lines[0]) is { } id && Number(lines[3]) is { } port
                ? new PostmasterFile(id, port, lines.Length > 7 ? lines[7].Trim() : "")
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static int? Number(string line) =>
        int.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
}
