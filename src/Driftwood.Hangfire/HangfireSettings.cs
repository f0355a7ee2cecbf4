using Npgsql;

namespace Driftwood.Hangfire;

/// <summary>What the engine is told by its host.</summary>
/// <param name="ConnectionString">Of the service's own database; Hangfire has a schema there.</param>
/// <param name="Lease">How long a lane is held without a sign of life.</param>
/// <param name="Workers">Lanes a node runs at once; 0: as many as it has cores, at least two and at most four.</param>
public sealed record HangfireSettings(string ConnectionString, TimeSpan Lease, int Workers)
{
    /// <summary>Apart from any other Hangfire on the same database.</summary>
    public const string Schema = "hangfire_driftwood";

    /// <summary>The one queue; lanes are all it holds.</summary>
    public const string Queue = "lanes";

    private const int FewestWorkers = 2;

    // A lane keeps a core of the database busy: more of them a node only queue there.
    private const int MostWorkers = 4;

    /// <summary>
    /// How long a queued job may show no sign of life before it is delivered again. Beyond the lease, as the sweeper comes
    /// first; shown every fifth of it, by a timer that ticks once a second.
    /// </summary>
    internal TimeSpan Invisibility => TimeSpan.FromSeconds(Math.Max(10, Lease.TotalSeconds * 2));

    internal int WorkerCount => Workers > 0 ? Workers : Math.Clamp(Environment.ProcessorCount, FewestWorkers, MostWorkers);

    /// <summary>A pool of its own: threads that Hangfire blocks while it waits must not keep connections from chunks.</summary>
    internal string OwnConnectionString => new NpgsqlConnectionStringBuilder(ConnectionString)
    {
        ApplicationName = "driftwood-hangfire",
        // The listening connection is made again from an open one's string, which has no password otherwise.
        PersistSecurityInfo = true,
    }.ConnectionString;
}
