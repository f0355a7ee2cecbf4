namespace Driftwood.LocalPostgres;

/// <summary>The promises of the server for its data.</summary>
public enum LocalPostgresProfile
{
    /// <summary>A committed transaction survives a power cut: fsync, full page writes and synchronous commit are on.</summary>
    Durable,

    /// <summary>
    /// For tests: data survives a clean stop. A killed server loses what was committed in its last half second, and
    /// a power cut may leave the cluster unusable. Nothing waits for the disk.
    /// </summary>
    Disposable,
}
