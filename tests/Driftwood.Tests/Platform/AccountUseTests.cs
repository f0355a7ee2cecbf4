using Driftwood.Api.Platform.Limits;

namespace Driftwood.Tests.Platform;

public sealed class AccountUseTests
{
    private static readonly Guid Busy = Guid.NewGuid();
    private static readonly Guid Quiet = Guid.NewGuid();

    private readonly HandClock _clock = new();
    private readonly AccountUse _use;

    public AccountUseTests() => _use = new AccountUse(_clock);

    [Fact]
    public void A_node_is_shared_while_two_accounts_have_asked_within_ten_seconds()
    {
        Assert.False(_use.IsShared(Busy));
        Assert.False(_use.IsShared(Busy));
        Assert.True(_use.IsShared(Quiet));
        for (var second = 0; second < 9; second++)
        {
            _clock.Pass(1);
            Assert.True(_use.IsShared(Busy));
        }

        _clock.Pass(1);
        Assert.False(_use.IsShared(Busy));
        Assert.True(_use.IsShared(Quiet));
    }

    [Fact]
    public void Use_is_the_mean_of_the_requests_under_way_and_fades()
    {
        for (var second = 0; second < 60; second++) Take(Busy, 1);
        Assert.InRange(_use.Of(Busy), 0.99, 1.01);
        Assert.Equal(0, _use.Of(Quiet));
        _clock.Pass(10);
        Assert.InRange(_use.Of(Busy), 0.3, 0.4);
        _clock.Pass(100);
        Assert.InRange(_use.Of(Busy), 0, 0.001);
    }

    [Fact]
    public void A_request_of_an_hour_counts_as_one_under_way()
    {
        Take(Busy, 3_600);
        Assert.InRange(_use.Of(Busy), 0.9, 1.1);
    }

    [Fact]
    public void A_burst_of_short_requests_is_little_use()
    {
        for (var request = 0; request < 20; request++) Take(Busy, 0.02);
        Assert.InRange(_use.Of(Busy), 0.01, 0.05);
    }

    [Fact]
    public void Accounts_that_no_longer_ask_are_forgotten_and_the_others_are_not()
    {
        Take(Quiet, 0.5);
        for (var second = 0; second < 60; second++) Take(Busy, 1);
        Assert.Equal(1, _use.Remembered);
        Assert.InRange(_use.Of(Busy), 0.9, 1.1);
    }

    private void Take(Guid account, double seconds)
    {
        var start = _clock.GetTimestamp();
        _clock.Pass(seconds);
        _use.Add(account, start);
    }
}
