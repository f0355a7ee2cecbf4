using System.Security.Cryptography;
using System.Text;
using Driftwood.LocalPostgres.Processes;

namespace Driftwood.LocalPostgres;

/// <summary>
/// The files of one server. The data directory names the server and belongs to the calling user;
/// the home holds what PostgreSQL itself must reach, and is the same directory unless that one is closed to the
/// server's account (a clone under /root) or keeps no file modes (a mounted Windows disk).
/// </summary>
internal sealed class Place(string directory)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Open = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public string Directory { get; } = Path.GetFullPath(directory);

    /// <summary>Held while the server is started or stopped, so that only one process decides at a time.</summary>
    public string DecisionLock => Path.Combine(Directory, "decision.lock");

    /// <summary>Held shared by each instance for as long as it uses the server.</summary>
    public string UseLock => Path.Combine(Directory, "use.lock");

    public string PasswordFile => Path.Combine(Directory, "password");

    /// <summary>The last port, asked for again so that connection strings outlive a restart.</summary>
    public string PortFile => Path.Combine(Directory, "port");

    private string LocationFile => Path.Combine(Directory, "location");

    /// <summary>Null until chosen by <see cref="SettleAsync"/>, by this or an earlier process.</summary>
    public string? Home { get; private set; }

    public string Cluster => Path.Combine(Home ?? Directory, "cluster");

    public string Log => Path.Combine(Cluster, "server.log");

    /// <summary>Creates the data directory.</summary>
    /// <exception cref="LocalPostgresException">It is not ours to write.</exception>
    public void Create()
    {
        try
        {
            CreateOpen(Directory);
            using var writable = FileLock.TryTake(DecisionLock, exclusive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalPostgresException(
                $"The data directory '{Directory}' cannot be used: {e.Message} "
                + "If another user made it, run as that user or name another directory.", e);
        }
    }

    /// <summary>Finds the home an earlier start chose, if it is still there: a new container keeps a mounted data
    /// directory and nothing else.</summary>
    public void Locate(Action<string> log)
    {
        if (File.Exists(LocationFile))
        {
            var home = File.ReadAllText(LocationFile).Trim();
            if (System.IO.Directory.Exists(home)) Home = home;
            else log($"The data in '{home}', named by '{LocationFile}', is gone: beginning with empty data");
        }
        else if (System.IO.Directory.Exists(Path.Combine(Directory, "cluster"))) Home = Directory;
    }

    /// <summary>Chooses the home and remembers it.</summary>
    /// <exception cref="LocalPostgresException">No place suits the account.</exception>
    public async Task SettleAsync(ServiceAccount account, Action<string> log, CancellationToken ct)
    {
        if (Home is not null) return;
        foreach (var home in Candidates(account))
        {
            if (!await SuitsAsync(home, account, ct)) continue;
            if (home != Directory)
            {
                await File.WriteAllTextAsync(LocationFile, home + "\n", ct);
                log($"'{Directory}' is closed to the account PostgreSQL runs under; its data goes to '{home}'");
            }
            Home = home;
            return;
        }
        throw new LocalPostgresException(
            $"The account PostgreSQL runs under can use none of: {string.Join(", ", Candidates(account))}. "
            + "Name a data directory it can reach.");
    }

    private IEnumerable<string> Candidates(ServiceAccount account)
    {
        yield return Directory;
        // The suffix keeps a new server out of what a deleted data directory of the same name left behind.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Directory)))[..12]
            + "-" + RandomNumberGenerator.GetHexString(4, lowercase: true);
        if (account.IsOther)
        {
            yield return Path.Combine("/var/lib/driftwood", name);
            yield return Path.Combine("/var/tmp/driftwood", name);
        }
        else if (Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } data)
        {
            yield return Path.Combine(data, "driftwood", name);
        }
    }

    /// <summary>Tries what PostgreSQL will need: a directory of the account's own, mode 0700, that it can enter and write.</summary>
    private static async Task<bool> SuitsAsync(string home, ServiceAccount account, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows()) return true;
        var probe = Path.Combine(home, "probe-" + RandomNumberGenerator.GetHexString(8, lowercase: true));
        var isNew = !System.IO.Directory.Exists(home);
        try
        {
            CreateOpen(home);
            System.IO.Directory.CreateDirectory(probe, Private);
            var suits = File.GetUnixFileMode(probe) == Private && await account.OwnAsync(probe, ct)
                && (await account.RunAsync(["/bin/sh", "-c", "cd \"$0\" && : > file", probe],
                    TimeSpan.FromSeconds(10), ct)).Succeeded;
            System.IO.Directory.Delete(probe, recursive: true);
            if (!suits && isNew) System.IO.Directory.Delete(home);
            return suits;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Creates what is missing of a path, open to other accounts whatever the umask.</summary>
    private static void CreateOpen(string path)
    {
        if (System.IO.Directory.Exists(path)) return;
        if (Path.GetDirectoryName(path) is { } parent) CreateOpen(parent);
        System.IO.Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, Open);
    }

    /// <summary>Removes the data and everything beside it but the lock files, which the caller still holds.</summary>
    public void DeleteContent()
    {
        if (Home is not null && Home != Directory && System.IO.Directory.Exists(Home))
            System.IO.Directory.Delete(Home, recursive: true);
        foreach (var directory in System.IO.Directory.GetDirectories(Directory))
            System.IO.Directory.Delete(directory, recursive: true);
        foreach (var file in System.IO.Directory.GetFiles(Directory).Except([DecisionLock, UseLock])) File.Delete(file);
    }

    /// <summary>Removes the lock files and the directory, unless someone has begun anew in it.</summary>
    public void DeleteEmpty()
    {
        try
        {
            File.Delete(UseLock);
            File.Delete(DecisionLock);
            System.IO.Directory.Delete(Directory);
        }
        catch (IOException)
        {
            // Windows does not delete a file someone has open, and no system a directory that is not empty.
        }
    }
}
