using System.Diagnostics;

namespace Driftwood.Benchmarks;

/// <summary>One client that reads random contacts while other work runs.</summary>
internal static class ContactReads
{
    /// <param name="api">The client of the account that owns the contacts.</param>
    /// <param name="ids">The ids of existing contacts; at least one.</param>
    /// <param name="pause">The time between an answer and the next request.</param>
    /// <param name="work">The work that runs meanwhile.</param>
    public static async Task<Latencies> DuringAsync(ApiClient api, IReadOnlyList<Guid> ids, TimeSpan pause, Task work)
    {
        var random = new Random(20);
        var latencies = new Latencies();
        while (!work.IsCompleted)
        {
            var start = Stopwatch.GetTimestamp();
            await api.CallAsync("contacts-get", new { id = ids[random.Next(ids.Count)] });
            latencies.AddSince(start);
            await Task.WhenAny(work, Task.Delay(pause));
        }

        return latencies;
    }

    /// <summary>Reads one contact a few times, so compilation does not slow the first measured answer.</summary>
    public static async Task WarmUpAsync(ApiClient api, Guid id)
    {
        for (var i = 0; i < 20; i++) await api.CallAsync("contacts-get", new { id });
    }
}
