using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine.Lanes;

public sealed class ChunkLadderTests
{
    [Theory]
    [InlineData(1, 10_000, false)]
    [InlineData(2, 2_000, false)]
    [InlineData(3, 400, false)]
    [InlineData(7, 1, false)]
    [InlineData(8, 1, false)]
    [InlineData(9, 1, false)]
    [InlineData(10, 1, true)]
    public void Each_attempt_without_progress_is_smaller_until_one_row_was_tried_alone_three_times(int attempt, int size, bool isPoisoned)
    {
        Assert.Equal(size, ChunkLadder.Start(10_000, attempt));
        Assert.Equal(isPoisoned, ChunkLadder.IsPoisoned(10_000, attempt));
    }

    [Fact]
    public void Chunks_of_one_row_are_not_poisoned_before_their_fourth_attempt()
    {
        Assert.False(ChunkLadder.IsPoisoned(1, 3));
        Assert.True(ChunkLadder.IsPoisoned(1, 4));
    }

    [Fact]
    public void A_refused_chunk_is_halved_down_to_one_row_and_an_applied_one_doubled_up_to_the_full_size()
    {
        Assert.Equal(50, ChunkLadder.Next(100, 100, 100, ChunkEnd.Refused));
        Assert.Equal(1, ChunkLadder.Next(2, 100, 2, ChunkEnd.Refused));
        Assert.Equal(20, ChunkLadder.Next(100, 100, 100, ChunkEnd.TooSlow));
        Assert.Equal(100, ChunkLadder.Next(64, 100, 64, ChunkEnd.Applied));
    }

    [Theory]
    [InlineData(5_000, 1, true, "1000 2000 4000 5000 5000")]
    [InlineData(5_000, 1, false, "5000 5000 5000 5000 5000")]
    [InlineData(200, 1, true, "200 200 200 200 200")]
    [InlineData(20_000, 2, true, "1000 2000 4000 4000 4000")] // until it is past the 20,000 rows that may have killed the last worker
    public void The_first_chunk_of_a_lane_is_small_and_each_of_the_next_is_up_to_twice_as_large(
        int full, int attempts, bool isStart, string expected)
    {
        var size = new ChunkSize(full, attempts, isStart);
        List<int> sizes = [];
        while (sizes.Count < 5)
        {
            sizes.Add(size.Next);
            size.Note(size.Next, ChunkEnd.Applied, cut: false);
        }

        Assert.Equal(expected, string.Join(' ', sizes));
    }

    [Theory]
    [InlineData(5_000, 0)]
    [InlineData(5_000, 3_777)]
    [InlineData(5_000, 19_999)]
    [InlineData(20_000, 12_345)]
    [InlineData(5, 2)]
    public void A_row_that_kills_its_worker_is_alone_after_a_death_each_size_and_three_more(int full, int killer)
    {
        var (deaths, given) = Run(full, 25_000, row => row == killer);

        var sizes = 1;
        for (var size = full; size > 1; size /= 5) sizes++;
        Assert.InRange(deaths, 3, sizes + 3);
        Assert.Equal([killer], given);
    }

    [Fact]
    public void Two_that_stand_side_by_side_are_both_found_and_nothing_else_is_given_up()
    {
        var (deaths, given) = Run(5_000, 25_000, row => row is 7_000 or 7_001);

        Assert.InRange(deaths, 6, 30);
        Assert.Equal([7_000, 7_001], given);
    }

    [Fact]
    public void Workers_that_die_of_something_else_after_each_chunk_give_nothing_up()
    {
        var (_, given) = Run(5_000, 25_000, _ => false, chunksBeforeDeath: 1);

        Assert.Empty(given);
    }

    /// <summary>Runs a lane of so many rows and reclaims it after each death. Returns the number of deaths and the given up rows.</summary>
    private static (int Deaths, List<int> Given) Run(int full, int rows, Func<int, bool> kills, int chunksBeforeDeath = int.MaxValue)
    {
        var (deaths, attempts, cursor) = (0, 0, 0);
        List<int> given = [];
        while (cursor < rows)
        {
            attempts++;
            var size = new ChunkSize(full, attempts, isStart: cursor == 0);
            for (var chunks = 0; cursor < rows; chunks++)
            {
                var count = Math.Min(size.Next, rows - cursor);
                if (size.GivenUp is not null) given.Add(cursor);
                else if (chunks == chunksBeforeDeath || Enumerable.Range(cursor, count).Any(kills)) break;
                if (!size.LeavesSuspects(count)) attempts = 1;
                size.Note(count, ChunkEnd.Applied, cut: false);
                cursor += count;
            }

            if (cursor < rows) deaths++;
            Assert.True(deaths < 1_000, "It does not come to an end.");
        }

        return (deaths, given);
    }
}
