using System.Globalization;
using System.Text.RegularExpressions;

namespace Driftwood.LocalPostgres;

/// <summary>PostgreSQL's programs of one version.</summary>
internal sealed partial record Binaries(string Directory, int Major, string Version)
{
    /// <summary>The oldest version the product's SQL runs on.</summary>
    public const int Oldest = 15;

    /// <summary>The newest version it has been run on; a newer one is taken only when nothing else is there.</summary>
    public const int Newest = 18;

    private static readonly string[] Needed = ["postgres", "initdb", "pg_ctl"];

    public string Tool(string name) => Path.Combine(Directory, name + (OperatingSystem.IsWindows() ? ".exe" : ""));

    public override string ToString() => $"PostgreSQL {Version} in {Directory}";

    /// <summary>The programs in a directory; null when one is missing or the account cannot run it.</summary>
    public static async Task<Binaries?> InAsync(string directory, ServiceAccount account, CancellationToken ct)
    {
        var binaries = new Binaries(directory, 0, "");
        if (!Needed.All(n => File.Exists(binaries.Tool(n)))) return null;
        var answer = await account.RunAsync([binaries.Tool("postgres"), "--version"], TimeSpan.FromSeconds(20), ct);
        var match = VersionPattern().Match(answer.Output);
        if (!answer.Succeeded || !match.Success) return null;
        return binaries with
        {
            Major = int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture),
            Version = match.Groups["version"].Value,
        };
    }

    // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)", "postgres (PostgreSQL) 18beta1"
    [GeneratedRegex(@"\(PostgreSQL\) (?<version>(?<major>\d+)\S*)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
