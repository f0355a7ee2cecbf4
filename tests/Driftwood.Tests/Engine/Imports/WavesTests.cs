using Driftwood.Engine.Staging;
using Xunit;

namespace Driftwood.Tests.Engine.Imports;

public sealed class WavesTests
{
    [Fact]
    public void Rows_that_share_a_token_come_one_after_the_other()
    {
        var waves = new Waves();
        Assert.Equal([0, 0, 1, 2, 0, 0], new ulong[] { 1, 2, 1, 1, 0, 0 }.Select(key => Add(waves, [key])));
        Assert.Equal(3, waves.Count);
    }

    [Fact]
    public void Repeats_that_are_skipped_go_together_after_the_first()
    {
        var waves = new Waves(repeatsGoTogether: true);
        Assert.Equal([0, 0, 1, 1, 1, 0, 1], new ulong[] { 1, 2, 1, 1, 1, 0, 2 }.Select(key => Add(waves, [key])));
        Assert.Equal(2, waves.Count);
    }

    [Fact]
    public void A_value_that_a_key_had_may_be_given_up_by_its_later_rows()
    {
        var waves = new Waves(linked: true);
        Assert.Equal(0, Add(waves, [1, 10]));
        Assert.Equal(1, Add(waves, [1, 11])); // gives up 10
        Assert.Equal(2, Add(waves, [2, 10])); // may take 10 then
        Assert.Equal(3, Add(waves, [1, 12])); // because the record may still have had 10
        Assert.Equal(4, Add(waves, [3, 11]));
        Assert.Equal(0, Add(waves, [4, 13]));
    }

    [Fact]
    public void What_is_cleared_begins_anew()
    {
        var waves = new Waves(linked: true);
        Add(waves, [1, 10]);
        Add(waves, [1, 11]);
        waves.Clear();
        Assert.Equal(0, waves.Count);
        Assert.Equal(0, Add(waves, [2, 10]));
        Assert.Equal(0, Add(waves, [1, 11]));
    }

    private static int Add(Waves waves, ulong[] tokens)
    {
        var wave = waves.Peek(tokens, []);
        waves.Add(tokens, [], wave);
        return wave;
    }
}
