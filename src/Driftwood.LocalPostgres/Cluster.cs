using System.Globalization;
using System.Security.Cryptography;

namespace Driftwood.LocalPostgres;

/// <summary>The data on disk: whether there is any, which version made it, and how it begins.</summary>
internal sealed class Cluster(Place place, ServiceAccount account)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The major version that made the data; null when there is none yet.</summary>
    public int? Made
    {
        get
        {
            var file = Path.Combine(place.Cluster, "PG_VERSION");
            if (!File.Exists(file)) return null;
            return int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var v)
                ? v
                : throw new LocalPostgresException($"'{file}' does not hold a version PostgreSQL {Binaries.Oldest} or later writes.");
        }
    }

    /// <summary>The superuser's password; made when there is neither one nor data.</summary>
    /// <exception cref="LocalPostgresException">There is data but no password.</exception>
    public string Password()
    {
        if (File.Exists(place.PasswordFile)) return File.ReadAllText(place.PasswordFile).Trim();
        if (Directory.Exists(place.Cluster))
        {
            throw new LocalPostgresException(
                $"The password file '{place.PasswordFile}' is gone, and without it nobody may enter the data in "
                + $"'{place.Cluster}'. Restore it, or delete '{place.Directory}' to begin with empty data.");
        }
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        // Whole or not at all: a half-written password would lock out the cluster made with the whole one.
        var beside = place.PasswordFile + ".new";
        WritePrivately(beside, password);
        File.Move(beside, place.PasswordFile);
        return password;
    }

    /// <summary>
    /// Makes the cluster beside its place and renames it, so that an interrupted initdb leaves nothing that looks
    /// like data.
    /// </summary>
    /// <exception cref="LocalPostgresException">initdb failed; its output is in the message.</exception>
    public async Task CreateAsync(Binaries binaries, LocalPostgresProfile profile, string password, CancellationToken ct)
    {
        foreach (var leftover in Directory.GetDirectories(place.Home!, "cluster-*")) Directory.Delete(leftover, recursive: true);
        var beside = place.Cluster + "-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        var passwordFile = Path.Combine(beside, "password");
        var failure = "";
        foreach (var locale in Locales(binaries.Major))
        {
            Directory.CreateDirectory(beside);
            WritePrivately(passwordFile, password);
            await account.OwnAsync(beside, ct);
            List<string> line =
            [
                binaries.Tool("initdb"), "--pgdata", Path.Combine(beside, "data"), "--username", LocalPostgresServer.Superuser,
                "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-instructions", .. locale,
            ];
            if (profile == LocalPostgresProfile.Disposable) line.Add("--no-sync");
            var made = await account.RunAsync(line, TimeSpan.FromMinutes(2), ct);
            File.Delete(passwordFile);
            if (made.Succeeded)
            {
                Directory.Move(Path.Combine(beside, "data"), place.Cluster);
                Directory.Delete(beside, recursive: true);
                return;
            }
            failure = made.Output;
            Directory.Delete(beside, recursive: true);
        }
        throw new LocalPostgresException($"initdb of {binaries} failed in '{place.Home}':\n{failure}");
    }

    /// <summary>
    /// Bytewise order, which every index here wants and no operating system's update can change, with Unicode's
    /// upper and lower case. From 17 PostgreSQL has that built in; before, it is the C library's C.UTF-8, where it
    /// has one.
    /// </summary>
    private static IEnumerable<string[]> Locales(int major)
    {
        if (major >= 17) yield return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
        else yield return ["--locale=C", "--lc-ctype=C.UTF-8"];
        yield return ["--locale=C"];
    }

    private static void WritePrivately(string path, string text)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        using (var writer = new StreamWriter(file, leaveOpen: true)) writer.WriteLine(text);
        file.Flush(flushToDisk: true);
    }
}
