using System.Buffers.Binary;
using System.Text;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Xunit;

namespace Driftwood.Tests.Engine.Records;

public sealed class TagCellTests
{
    private static readonly string[] Pieces = [
        "a", "A", "b", " ", "  ", "\u00A0", "\u200B", "ß", "ẞ", "Σ", "σ", "ς", "\U0001F600", ",", ",", ",", "||", "tag ",
        new('x', TagSet.MaxTagLength)];

    [Theory]
    [InlineData("vip, beta,,VIP ", ",", new[] { "vip", "beta" })]
    [InlineData("a;b,c", ";", new[] { "a", "b,c" })]
    [InlineData("a||b", "||", new[] { "a", "b" })]
    [InlineData(" \u00A0 ", ",", new string[0])]
    public void Splits_a_cell(string cell, string delimiter, string[] names)
    {
        using var tags = new TagCell();
        Assert.Null(tags.Read(Encoding.UTF8.GetBytes(cell), Encoding.UTF8.GetBytes(delimiter)));
        Assert.Equal(names, Texts(tags.Names));
    }

    [Fact]
    public void Refuses_a_cell_that_is_not_text()
    {
        using var tags = new TagCell();
        Assert.Equal("invalid_characters", tags.Read([0x61, 0xFF], ","u8)?.Code);
        Assert.Equal("invalid_characters", tags.Read("a,\0"u8, ","u8)?.Code);
    }

    [Fact]
    public void Reads_as_a_list_of_the_same_tags_is_read()
    {
        var random = new Random(20_261_122);
        using var tags = new TagCell();
        for (var i = 0; i < 20_000; i++)
        {
            var most = random.Next(20) == 0 ? 400 : 12;
            var cell = string.Concat(
                Enumerable.Range(0, random.Next(most)).Select(n => random.Next(3) == 0 ? $"{n}," : Pieces[random.Next(Pieces.Length)]));
            var delimiter = random.Next(3) == 0 ? "||" : ",";

            var fault = tags.Read(Encoding.UTF8.GetBytes(cell), Encoding.UTF8.GetBytes(delimiter));

            var expected = TagSet.Read(cell.Split(delimiter), out var expectedFault);
            Assert.Equal(expectedFault?.Code, fault?.Code);
            Assert.Equal(expected.Names, Texts(tags.Names));
            Assert.Equal(expected.Keys, Texts(tags.Keys));
        }
    }

    [Fact]
    public void Adds_what_is_not_there_yet_until_there_are_too_many()
    {
        using var tags = new TagCell();
        Assert.Null(tags.Read("a,b"u8, ","u8));
        tags.Add(["B"u8.ToArray(), "c"u8.ToArray()]);
        Assert.Equal(["a", "b", "c"], Texts(tags.Names));
        tags.Add([.. Enumerable.Range(0, 200).Select(n => Encoding.UTF8.GetBytes($"{n}"))]);
        Assert.Equal(TagSet.MaxTags + 1, tags.Count);
    }

    [Fact]
    public void Is_written_as_an_array()
    {
        using var tags = new TagCell();
        using var tuples = new ByteBuffer(16);
        Assert.Null(tags.Read("Ab,c"u8, ","u8));
        tags.WriteKeys(tuples);
        tags.Clear();
        tags.WriteNames(tuples);

        byte[] expected = [
            .. Int32(31), .. Int32(1), .. Int32(0), .. Int32(25), .. Int32(2), .. Int32(1), .. Int32(2), .. "ab"u8, .. Int32(1), .. "c"u8,
            .. Int32(12), .. Int32(0), .. Int32(0), .. Int32(25)];
        Assert.Equal(expected, tuples.Written.ToArray());
    }

    private static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static List<string> Texts(TagCell.Tags tags)
    {
        List<string> texts = [];
        foreach (var tag in tags) texts.Add(Encoding.UTF8.GetString(tag));
        return texts;
    }
}
