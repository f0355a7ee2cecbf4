using System.Text;
using Driftwood.Engine.Records.Text;
using Xunit;

namespace Driftwood.Tests.Engine.Records;

public sealed class TagSetTests
{
    [Fact]
    public void Keeps_the_first_spelling_in_the_order_given()
    {
        var tags = TagSet.Read(["VIP", " beta \u00A0 tester ", "vip", "", "\u200B", "Beta Tester"], out var fault);
        Assert.Null(fault);
        Assert.Equal(["VIP", "beta tester"], tags.Names);
        Assert.Equal(["vip", "beta tester"], tags.Keys);
    }

    [Theory]
    [InlineData("a \u200B", "a")]
    [InlineData("\uFEFF a\u200Bb", "a b")]
    [InlineData("\u3000a\u2003\u2003b\u3000", "a b")]
    public void Trims_and_collapses_all_that_cannot_be_seen(string tag, string name) =>
        Assert.Equal([name], TagSet.Read([tag], out _).Names);

    [Fact]
    public void Refuses_what_is_not_text()
    {
        // This is not a theory. Attributes store strings as UTF-8, which has no lone surrogates.
        foreach (var tag in new[] { "a\0b", "\0", "a\uD83Db", "\uDE00\uD83D", "\uD83D" })
        {
            TagSet.Read(["good", tag], out var fault);
            Assert.Equal("invalid_characters", fault?.Code);
        }
    }

    [Fact]
    public void Counts_characters_not_code_units()
    {
        TagSet.Read([string.Concat(Enumerable.Repeat("\U0001F600", TagSet.MaxTagLength))], out var fault);
        Assert.Null(fault);
        TagSet.Read([new string('a', TagSet.MaxTagLength + 1)], out fault);
        Assert.Equal("too_long", fault?.Code);
    }

    [Fact]
    public void Refuses_more_than_a_hundred_but_not_a_hundred_repeated()
    {
        var hundred = Enumerable.Range(0, TagSet.MaxTags).Select(i => $"tag {i}").ToList();
        TagSet.Read(hundred.Concat(hundred), out var fault);
        Assert.Null(fault);
        TagSet.Read(hundred.Append("one more"), out fault);
        Assert.Equal("too_long", fault?.Code);
    }

    [Fact]
    public void Stops_reading_where_there_are_too_many()
    {
        var read = 0;
        TagSet.Read(Enumerable.Range(0, 1_000_000).Select(i => { read = i; return $"t{i}"; }), out var fault);
        Assert.Equal("too_long", fault?.Code);
        Assert.InRange(read, 100, 102);
    }
}
