using System.Globalization;
using System.Text.RegularExpressions;
using Driftwood.LocalPostgres.Processes;

namespace Driftwood.LocalPostgres;

/// <summary>The places in which PostgreSQL's programs are looked for, in order, and the npm that can bring them.</summary>
internal sealed partial record SearchPlaces(IReadOnlyList<string> Directories, string? Npm)
{
    /// <summary>PATH, then the places where distributions put versions side by side, highest first.</summary>
    public static SearchPlaces OfThisMachine() => new(
        [.. OnPath().Concat(OfDistribution()).Distinct()],
        Command.Find("npm"));

    private static IEnumerable<string> OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified);

    private static IEnumerable<string> OfDistribution()
    {
        if (OperatingSystem.IsWindows())
        {
            return Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles),
                "PostgreSQL"), "*", "bin");
        }
        return
        [
            .. Versions("/usr/lib/postgresql", "*", "bin"), // Debian, Ubuntu
            .. Versions("/usr", "pgsql-*", "bin"), // PostgreSQL's own packages for Red Hat and Fedora
            .. Versions("/usr/libexec", "postgresql*", ""), // Alpine
            .. Versions("/usr/lib", "postgresql*", "bin"), // SUSE
            .. Versions("/opt/homebrew/opt", "postgresql@*", "bin"), // Homebrew on Apple silicon
            .. Versions("/usr/local/opt", "postgresql@*", "bin"), // Homebrew on Intel
            .. Versions("/home/linuxbrew/.linuxbrew/opt", "postgresql@*", "bin"),
            .. Versions("/Applications/Postgres.app/Contents/Versions", "*", "bin"),
            "/usr/local/pgsql/bin", // PostgreSQL's own default
        ];
    }

    private static IEnumerable<string> Versions(string parent, string pattern, string below)
    {
        if (!Directory.Exists(parent)) return [];
        return Directory.GetDirectories(parent, pattern)
            .Select(d => (Path: Path.Combine(d, below), Match: TrailingNumber().Match(d)))
            .Where(d => d.Match.Success)
            .OrderByDescending(d => decimal.Parse(d.Match.ValueSpan, CultureInfo.InvariantCulture))
            .Select(d => d.Path);
    }

    [GeneratedRegex(@"\d{1,4}(\.\d{1,4})?$", RegexOptions.CultureInvariant)]
    private static partial Regex TrailingNumber();
}
