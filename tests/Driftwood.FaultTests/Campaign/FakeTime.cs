namespace Driftwood.FaultTests.Campaign;

/// <summary>Debian's libfaketime, which gives one process another clock.</summary>
internal static class FakeTime
{
    /// <summary>The library to load before all others; null where it is not installed.</summary>
    public static string? Library { get; } = Directory.Exists("/usr/lib")
        ? Directory.EnumerateFiles(
            "/usr/lib", "libfaketimeMT.so.1",
            new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }).FirstOrDefault()
        : null;

    /// <summary>Whether a node tells another time than this process.</summary>
    public static async Task<bool> IsOffAsync(Uri node)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(node, "/healthz"));
        return (answer.Headers.Date!.Value - DateTimeOffset.UtcNow).Duration() > TimeSpan.FromMinutes(30);
    }

    /// <summary>The environment of a process whose wall clock is off; what measures durations goes on as it is.</summary>
    /// <param name="offset">As faketime writes it, such as <c>+1h</c>.</param>
    public static (string Name, string Value)[] Environment(string offset) =>
    [
        ("LD_PRELOAD", Library ?? throw new InvalidOperationException("libfaketime is not installed.")),
        ("FAKETIME", offset),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        // Otherwise the library changes how threads wait on a monotonic clock, and Hangfire's threads wait for ever.
        ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
        ("FAKETIME_NO_CACHE", "0"),
    ];
}
