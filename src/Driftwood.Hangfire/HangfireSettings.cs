using Npgsql;

namespace Driftwood.Hangfire;

/// <summary>The settings of the engine.</summary>
/// <param name="ConnectionString">The service's own database; Hangfire has a schema there.</param>
/// <param name="HasSessions">A connection keeps its session, so that Hangfire can listen. Else it asks.</param>
/// <param name="IsDirect">No pooler lies between; a pooler refuses settings in the connection string.</param>
/// <param name="Lease">How long a lane is held without a sign of life.</param>
/// <param name="Workers">Lanes a node runs at once; 0: as many as it has cores, at least two and at most four.</param>
public sealed record HangfireSettings(string ConnectionString, bool HasSessions, bool IsDirect, TimeSpan Lease, int Workers)
{
    /// <summary>Apart from any other Hangfire on the same database.</summary>
    public const string Schema = "hangfire_driftwood";

    /// <summary>The one queue; it holds tickets only.</summary>
    public const string Queue = "lanes";

    private const int MinWorkers = 2;

    // A lane keeps a core of the database busy. With more workers a node, lanes only wait there.
    private const int MaxWorkers = 4;

    /// <summary>
    /// How long a fetched ticket may show no sign of life before it is delivered again. Longer than the lease, as the sweeper comes
    /// first. The sign is given every fifth of it, by a timer that ticks once a second.
    /// </summary>
    internal TimeSpan Invisibility => TimeSpan.FromSeconds(Math.Max(10, Lease.TotalSeconds * 2));

    internal int WorkerCount => Workers > 0 ? Workers : Math.Clamp(Environment.ProcessorCount, MinWorkers, MaxWorkers);

    /// <summary>
    /// A pool of its own, because Hangfire blocks threads while it waits, and must not keep connections from chunks. Its commits do
    /// not wait for the disk: a crash of the database may take back the tickets of the last moment, and the sweeper queues new ones.
    /// </summary>
    internal string OwnConnectionString
    {
        get
        {
            NpgsqlConnectionStringBuilder settings = new(ConnectionString)
            {
                ApplicationName = "driftwood-hangfire",
                // Hangfire makes its listening connection from an open one's string, which has no password otherwise.
                PersistSecurityInfo = true,
            };
            if (IsDirect) settings.Options = $"{settings.Options} -c synchronous_commit=off".TrimStart();
            return settings.ConnectionString;
        }
    }
}
