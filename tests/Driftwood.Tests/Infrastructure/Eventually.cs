namespace Driftwood.Tests.Infrastructure;

/// <summary>Waits for what another thread or process brings about, by looking at it.</summary>
internal static class Eventually
{
    /// <summary>Far beyond what anything here takes: what is not there by then never comes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until what is seen is as wanted; fails with what was seen last.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> look, Func<T, bool> isWanted)
    {
        var end = TimeProvider.System.GetUtcNow() + Deadline;
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var seen = await look();
            if (isWanted(seen)) return seen;
            Assert.True(TimeProvider.System.GetUtcNow() < end, $"Still so after {Deadline.TotalSeconds} s: {seen}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
