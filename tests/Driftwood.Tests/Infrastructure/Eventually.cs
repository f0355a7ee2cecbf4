namespace Driftwood.Tests.Infrastructure;

/// <summary>Waits for a result of another thread or process by polling.</summary>
internal static class Eventually
{
    /// <summary>This is far longer than any wait in the tests. A result that is not there by then never comes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until the result is as wanted. Fails with the last result.</summary>
    /// <param name="look">Reads the result.</param>
    /// <param name="isWanted">Whether the result is as wanted.</param>
    /// <param name="within">How long to wait; null for a time that is enough for small jobs.</param>
    public static async Task<T> GetAsync<T>(Func<Task<T>> look, Func<T, bool> isWanted, TimeSpan? within = null)
    {
        var deadline = within ?? Deadline;
        var end = TimeProvider.System.GetUtcNow() + deadline;
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var seen = await look();
            if (isWanted(seen)) return seen;
            Assert.True(TimeProvider.System.GetUtcNow() < end, $"Still so after {deadline.TotalSeconds} s: {seen}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
