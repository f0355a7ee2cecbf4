namespace Driftwood.LocalPostgres;

/// <summary>
/// The settings of the embedded server on its command line, for bulk loads on a laptop of 2–8 cores and 8 GB or
/// more that also runs a browser. The cluster's own postgresql.conf stays as initdb wrote it.
/// </summary>
internal static class ServerSettings
{
    private static readonly (string Name, string Value)[] Always =
    [
        // Only this machine can connect; there is no socket file, whose path could be too long or shared.
        ("listen_addresses", "127.0.0.1"),
        // Holds the indexes of a few million records; more would be taken from the page cache, not added to it.
        ("shared_buffers", "256MB"),
        // The shared buffers and the page cache of an 8 GB machine together: makes index scans plausible.
        ("effective_cache_size", "2GB"),
        // A chunk of 50,000 staged rows is hashed or sorted in memory (about 10 MB).
        ("work_mem", "16MB"),
        // Index builds and vacuum after a load, in one pass for some ten million rows.
        ("maintenance_work_mem", "128MB"),
        // SSD: the default of 4 makes the planner avoid the index on which every anti-join here rests.
        ("random_page_cost", "1.1"),
        // Parallel hash joins otherwise live in /dev/shm, of which a container has 64 MB; unused, it costs nothing.
        ("min_dynamic_shared_memory", "128MB"),
        // A load is many like statements of some 100 ms; compiling each again would cost more than it saves, and
        // builds without LLVM then plan alike.
        ("jit", "off"),
        // Timestamps in the log, and at psql, as everywhere else in the product.
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        // Statements and details of errors have customers' values in them.
        ("log_min_error_statement", "panic"),
        ("log_error_verbosity", "terse"),
    ];

    private static readonly (string Name, string Value)[] Durable =
    [
        // Three nodes with their pools of 30; a slot costs a few kB.
        ("max_connections", "100"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        // Turning it off gained nothing in loads and would let polled counters fall after a crash.
        ("synchronous_commit", "on"),
        // A million-row load writes 1–2 GB of WAL: with the default 1 GB it would checkpoint in the middle and
        // write every page in full again. Also bounds crash recovery and the disk used.
        ("max_wal_size", "2GB"),
        ("min_wal_size", "256MB"),
        ("checkpoint_timeout", "15min"),
    ];

    private static readonly (string Name, string Value)[] Disposable =
    [
        // Test classes run side by side, each with hosts and pools of its own.
        ("max_connections", "300"),
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        // Test databases are small; their WAL is recycled in place.
        ("max_wal_size", "1GB"),
        ("min_wal_size", "80MB"),
        // Test runs end before.
        ("checkpoint_timeout", "1h"),
        ("log_checkpoints", "off"),
        // No replica, no archive: COPY into a table made in the same transaction skips WAL.
        ("wal_level", "minimal"),
        ("max_wal_senders", "0"),
    ];

    /// <summary>
    /// Full page images halve, as the disk of a laptop is the scarcer thing: by lz4 where the server was built with it, as the
    /// older pglz takes a third of the time of sessions that delete.
    /// </summary>
    private const string WalCompression = "wal_compression";

    private const string Lz4 = "lz4";

    /// <summary>
    /// Arguments with which the server's program prints <c>lz4</c> if it can compress so, and fails if not; nothing is started.
    /// </summary>
    public static IReadOnlyList<string> AskForLz4(string cluster) => ["-C", WalCompression, "-D", cluster, "-c", $"{WalCompression}={Lz4}"];

    /// <summary>The settings as <c>-c name=value</c> arguments.</summary>
    /// <param name="profile">The promises for its data.</param>
    /// <param name="port">The port on which it listens.</param>
    /// <param name="hasLz4">Whether it answered <see cref="AskForLz4"/>.</param>
    public static List<string> Arguments(LocalPostgresProfile profile, int port, bool hasLz4)
    {
        List<string> arguments = ["-c", $"port={port}"];
        if (!OperatingSystem.IsWindows()) arguments.AddRange("-c", "unix_socket_directories=");
        foreach (var (name, value) in Always.Concat(profile == LocalPostgresProfile.Durable ? Durable : Disposable))
            arguments.AddRange("-c", $"{name}={value}");
        if (profile == LocalPostgresProfile.Durable) arguments.AddRange("-c", $"{WalCompression}={(hasLz4 ? Lz4 : "on")}");
        return arguments;
    }
}
