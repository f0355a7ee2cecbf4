namespace Driftwood.FaultTests.Campaign;

/// <summary>Debian's libfaketime, which gives one process another clock.</summary>
internal static class FakeTime
{
    /// <summary>The library to load before all others; null if it is not installed.</summary>
    public static string? Library { get; } = Directory.Exists("/usr/lib")
        ? Directory.EnumerateFiles(
            "/usr/lib", "libfaketimeMT.so.1",
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }).FirstOrDefault()
        : null;

    /// <summary>Says whether a node's clock differs from this process's clock.</summary>
    public static async Task<bool> IsOffAsync(Uri node)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(node, "/healthz"));
        return (answer.Headers.Date!.Value - DateTimeOffset.UtcNow).Duration() > TimeSpan.FromMinutes(30);
    }

    /// <summary>The environment of a process whose wall clock is wrong. Clocks that measure durations stay correct.</summary>
    /// <param name="offset">The offset in faketime's notation, such as <c>+1h</c>.</param>
    public static (string Name, string Value)[] Environment(string offset) =>
    [
        ("LD_PRELOAD", Library ?? throw new InvalidOperationException("libfaketime is not installed.")),
        ("FAKETIME", offset),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        // Without this, the library changes how threads wait on a monotonic clock, and Hangfire's threads wait forever.
        ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
        ("FAKETIME_NO_CACHE", "0"),
    ];
}
