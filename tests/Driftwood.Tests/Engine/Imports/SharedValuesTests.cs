using Driftwood.Engine.Imports.Contention;

namespace Driftwood.Tests.Engine.Imports;

public sealed class SharedValuesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(1_000)]
    public void Keys_that_share_a_value_are_found_however_little_is_held(int capacity)
    {
        var random = new Random(7);
        (ulong Value, ulong Key)[] pairs = [
            .. Enumerable.Range(0, 5_000).Select(_ => ((ulong)random.Next(2_000), (ulong)random.Next(3_000)))];
        HashSet<ulong> found = [];
        var values = new SharedValues(capacity, found);

        foreach (var (value, key) in pairs) values.Add(value, key);
        values.Find();

        var expected = pairs.Distinct().GroupBy(pair => pair.Value).Where(group => group.Count() > 1).SelectMany(group => group)
            .Select(pair => pair.Key).ToHashSet();
        Assert.InRange(expected.Count, 100, 2_900);
        Assert.Equal(expected.Order(), found.Order());
    }

    [Fact]
    public void A_value_repeated_under_one_key_is_not_shared()
    {
        HashSet<ulong> found = [];
        var values = new SharedValues(0, found);

        for (var i = 0; i < 10_000; i++) values.Add(1, 1);
        values.Find();

        Assert.Empty(found);
    }

    [Fact]
    public void What_was_cleared_is_not_compared_with_what_comes()
    {
        HashSet<ulong> found = [];
        var values = new SharedValues(0, found);

        values.Add(1, 1);
        values.Clear();
        values.Add(1, 2);
        values.Find();

        Assert.Empty(found);
    }
}
