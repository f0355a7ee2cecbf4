using System.Diagnostics;

namespace Driftwood.Benchmarks;

/// <summary>One client that reads a random contact about twenty times a second while something else is done.</summary>
internal static class ContactReads
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <param name="api">The client, of the account whose contacts are read.</param>
    /// <param name="ids">Contacts that are there; at least one.</param>
    /// <param name="work">What goes on meanwhile.</param>
    public static async Task<Latencies> DuringAsync(ApiClient api, IReadOnlyList<Guid> ids, Task work)
    {
        var random = new Random(20);
        var latencies = new Latencies();
        while (!work.IsCompleted)
        {
            var start = Stopwatch.GetTimestamp();
            await api.CallAsync("contacts-get", new { id = ids[random.Next(ids.Count)] });
            latencies.AddSince(start);
            await Task.WhenAny(work, Task.Delay(Pause));
        }

        return latencies;
    }

    /// <summary>Reads one contact a few times, so that the first measured answer is not the one that is compiled for.</summary>
    public static async Task WarmUpAsync(ApiClient api, Guid id)
    {
        for (var i = 0; i < 20; i++) await api.CallAsync("contacts-get", new { id });
    }
}
