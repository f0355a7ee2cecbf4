using Driftwood.Api.Platform.Security;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests.Platform;

public sealed class SharedLookupsTests
{
    private readonly List<TaskCompletionSource<int>> _lookups = [];

    [Fact]
    public async Task Callers_that_ask_during_a_lookup_share_the_next_one()
    {
        var lookups = new SharedLookups<int>(Look);
        var first = lookups.FindAsync("a");
        var second = lookups.FindAsync("a");
        var third = lookups.FindAsync("a");
        Assert.Single(_lookups);

        _lookups[0].SetResult(1);
        Assert.Equal(1, await first);
        Assert.False(second.IsCompleted, "A caller got a value that was looked up before the caller asked.");
        await WaitForLookupsAsync(2);
        _lookups[1].SetResult(2);
        Assert.Equal((2, 2), (await second, await third));
        Assert.Equal(2, _lookups.Count);
    }

    [Fact]
    public async Task A_key_does_not_wait_for_another_nor_for_a_lookup_that_has_ended()
    {
        var lookups = new SharedLookups<int>(Look);
        var slow = lookups.FindAsync("slow");
        var quick = lookups.FindAsync("quick");
        Assert.Equal(2, _lookups.Count);
        _lookups[1].SetResult(7);
        Assert.Equal(7, await quick);
        Assert.False(slow.IsCompleted);

        _lookups[0].SetResult(3);
        Assert.Equal(3, await slow);
        var again = lookups.FindAsync("slow");
        await WaitForLookupsAsync(3);
        _lookups[2].SetResult(4);
        Assert.Equal(4, await again);
    }

    [Fact]
    public async Task A_failure_reaches_those_who_share_the_lookup_and_nobody_else()
    {
        var lookups = new SharedLookups<int>(Look);
        var first = lookups.FindAsync("a");
        var (second, third) = (lookups.FindAsync("a"), lookups.FindAsync("a"));
        _lookups[0].SetResult(1);
        await first;
        await WaitForLookupsAsync(2);
        _lookups[1].SetException(new TimeoutException("The database does not answer."));
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        await Assert.ThrowsAsync<TimeoutException>(() => third);

        var next = lookups.FindAsync("a");
        await WaitForLookupsAsync(3);
        _lookups[2].SetResult(5);
        Assert.Equal(5, await next);
    }

    [Fact]
    public async Task Many_callers_at_once_all_get_a_value()
    {
        var (made, running, most) = (0, 0, 0);
        var lookups = new SharedLookups<int>(async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return Interlocked.Increment(ref made);
        });
        var answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => Task.Run(() => lookups.FindAsync("a"))));
        Assert.Equal(1, most);
        Assert.Equal(made, answers.Max());
        Assert.True(made < answers.Length / 2, $"{made} look-ups served {answers.Length} callers.");
    }

    private Task<int> Look(string key)
    {
        var lookup = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lookups) _lookups.Add(lookup);
        return lookup.Task;
    }

    // The next look-up begins on another thread.
    private Task<int> WaitForLookupsAsync(int count) => Eventually.GetAsync(() => Task.FromResult(CountLookups()), made => made == count);

    private int CountLookups()
    {
        lock (_lookups) return _lookups.Count;
    }
}
