using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine.Lanes;

public sealed class LaneTurnTests
{
    private readonly HandClock _clock = new();

    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.25, 1)]
    [InlineData(8, 32)]
    public void A_turn_lasts_as_long_as_it_should_and_longer_where_opening_the_lane_took_long(double opening, double lasts)
    {
        var turn = new LaneTurn(TimeSpan.FromSeconds(1), _clock);
        _clock.Pass(opening);
        turn.NoteRead();
        turn.NoteProgress();

        _clock.Pass(lasts - 0.001);
        Assert.False(turn.IsOver);
        turn.NoteRead();
        _clock.Pass(0.001);
        Assert.True(turn.IsOver);
        turn.Extend();
        Assert.False(turn.IsOver);
        _clock.Pass(0.25);
        Assert.True(turn.IsOver);
    }

    [Fact]
    public void A_turn_without_an_applied_chunk_is_not_over()
    {
        var turn = new LaneTurn(TimeSpan.FromSeconds(1), _clock);
        turn.NoteRead();
        _clock.Pass(100);

        Assert.False(turn.IsOver);
        turn.NoteProgress();
        Assert.True(turn.IsOver);
    }
}
