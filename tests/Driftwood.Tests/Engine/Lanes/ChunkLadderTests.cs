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
}
