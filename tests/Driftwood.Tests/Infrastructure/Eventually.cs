namespace Driftwood.Tests.Infrastructure;

/// <summary>Waits for a result of another thread or process by polling.</summary>
internal static class Eventually
{
    /// <summary>This is far longer than any wait in the tests. A result that is not there by then never comes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until the result is as wanted. Fails with the last result.</summary>
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
