using Driftwood.LocalPostgres.Processes;

namespace Driftwood.LocalPostgres;

/// <summary>
/// The account PostgreSQL's programs run under. PostgreSQL refuses root, so a root process hands them to the
/// account that owns the data, or to <c>postgres</c>, or to <c>nobody</c>; anyone else runs them as themselves.
/// (On Windows initdb and pg_ctl give up administrator rights by themselves.)
/// </summary>
internal sealed class ServiceAccount
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string? _owner;
    private readonly Func<IReadOnlyList<string>, IReadOnlyList<string>> _wrap;

    private ServiceAccount(string? owner, Func<IReadOnlyList<string>, IReadOnlyList<string>> wrap)
    {
        _owner = owner;
        _wrap = wrap;
    }

    /// <summary>Whether the programs run under another account than this process.</summary>
    public bool IsOther => _owner is not null;

    /// <summary>The account for a cluster, which need not exist yet.</summary>
    /// <exception cref="LocalPostgresException">This is root and no way to be someone else works.</exception>
    public static async Task<ServiceAccount> ForAsync(string? cluster, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return new(null, line => line);
        var users = await UserEntry.ReadAllAsync(ct);
        var user = await OwnerOfAsync(cluster, users, ct)
            ?? users.FirstOrDefault(u => u.Name == "postgres")
            ?? users.FirstOrDefault(u => u.Name == "nobody")
            ?? throw new LocalPostgresException(
                "PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody'. "
                + "Run as an ordinary user, or create one: useradd --system postgres");
        // BusyBox has a setpriv that cannot change users, containers may forbid the change: only trying tells.
        foreach (var wrap in Ways(user))
        {
            if ((await Command.RunAsync(wrap(["/bin/sh", "-c", "exit 0"]), Limit, ct)).Succeeded)
                return new($"{user.Uid}:{user.Gid}", wrap);
        }
        throw new LocalPostgresException(
            $"PostgreSQL refuses to run as root, and none of setpriv, runuser and su could become '{user.Name}'. "
            + "Run as an ordinary user.");
    }

    /// <summary>The command line that runs <paramref name="line"/> under the account.</summary>
    public IReadOnlyList<string> Wrap(params IReadOnlyList<string> line) => _wrap(line);

    /// <summary>Runs a program under the account.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> line, TimeSpan limit, CancellationToken ct) =>
        Command.RunAsync(Wrap(line), limit, ct);

    /// <summary>Gives the account a file or a directory with all that is in it. False when the file system refuses.</summary>
    public async Task<bool> OwnAsync(string path, CancellationToken ct) =>
        _owner is null
        || (await Command.RunAsync([Command.Find("chown") ?? "chown", "-R", _owner, path], Limit, ct)).Succeeded;

    private static IEnumerable<Func<IReadOnlyList<string>, IReadOnlyList<string>>> Ways(UserEntry user)
    {
        if (Command.Find("setpriv") is { } setpriv)
            yield return line => [setpriv, $"--reuid={user.Uid}", $"--regid={user.Gid}", "--clear-groups", "--", .. line];
        if (Command.Find("runuser") is { } runuser)
            yield return line => [runuser, "-u", user.Name, "--", .. line];
        // A service account's own shell is often /bin/false; BSD's su names another shell by -m and SHELL.
        if (Command.Find("su") is { } su)
            yield return OperatingSystem.IsMacOS()
                ? line => ["/usr/bin/env", "SHELL=/bin/sh", su, "-m", user.Name, "-c", "exec " + Quote(line)]
                : line => [su, "-s", "/bin/sh", user.Name, "-c", "exec " + Quote(line)];
    }

    private static string Quote(IEnumerable<string> line) =>
        string.Join(' ', line.Select(a => "'" + a.Replace("'", "'\\''", StringComparison.Ordinal) + "'"));

    private static async Task<UserEntry?> OwnerOfAsync(string? path, List<UserEntry> users, CancellationToken ct)
    {
        if (path is null || !Directory.Exists(path)) return null;
        // POSIX: mode, links, uid, gid, …
        var listed = await Command.RunAsync([Command.Find("ls") ?? "ls", "-ldn", path], Limit, ct);
        var columns = listed.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!listed.Succeeded || columns.Length < 4 || columns[2] == "0") return null;
        return users.FirstOrDefault(u => u.Uid == columns[2]) ?? new UserEntry(columns[2], columns[2], columns[3]);
    }
}
