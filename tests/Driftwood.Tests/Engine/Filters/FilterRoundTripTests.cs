using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Filters;

public sealed class FilterRoundTripTests
{
    private const int DefaultTrees = 5_000;

    [Fact]
    public void A_filter_read_from_its_json_or_from_its_query_is_the_same_filter()
    {
        foreach (var seed in Cases.Seeds(DefaultTrees))
        {
            Random random = new(seed);
            var type = FilterTypes.All[random.Next(FilterTypes.All.Count)];
            FilterCells cells = new(random, [Guid.CreateVersion7()], [Guid.CreateVersion7()]);
            var tree = new RandomFilters(random, type, cells, []).Tree(random.Next(7));

            var json = FilterJson.Write(tree);
            Assert.True(tree == ReadJson(type, json), $"seed {seed}: {json}");
            Assert.True(json == FilterJson.Write(ReadJson(type, json)), $"seed {seed}: {json}");
            var text = QueryText.Write(type, ReadJson(type, json));
            Assert.True(tree == ReadText(type, text), $"seed {seed}: {text}");
            Assert.True(tree == ReadText(type, Untidy(random, text)), $"seed {seed}: {text}");
        }
    }

    [Fact]
    public void The_deepest_filter_that_json_takes_is_taken_as_a_query_too()
    {
        var leaf = Comparison("city", "Oslo");
        Filter deep = leaf;
        for (var i = 0; i < FilterLimits.MaxDepth; i++)
        {
            deep = (i % 3) switch { 0 => And.Of(leaf, deep), 1 => Or.Of(leaf, deep), _ => new Not(deep) };
        }

        Assert.Equal(deep, ReadJson(RecordTypes.Contacts, FilterJson.Write(deep)));
        Assert.Equal(deep, ReadText(RecordTypes.Contacts, QueryText.Write(RecordTypes.Contacts, deep)));
    }

    [Fact]
    public void Joining_what_is_joined_already_changes_nothing()
    {
        Filter[] leaves = [Comparison("city", "Oslo"), Comparison("city", "Rome"), Comparison("state", "X")];

        Assert.Equal(And.Of(leaves), And.Of(leaves[0], And.Of(leaves[1..])));
        Assert.Equal(Or.Of(leaves).GetHashCode(), Or.Of(Or.Of(leaves[..2]), leaves[2]).GetHashCode());
        Assert.Equal(leaves[0], And.Of(Or.Of(leaves[0])));
        Assert.NotEqual(And.Of(leaves), Or.Of(leaves));
        Assert.NotEqual(And.Of(leaves), And.Of(leaves[..2]));
        Assert.Throws<ArgumentException>(() => And.Of());
    }

    private static Comparison Comparison(string field, string value) => new(RecordTypes.Contacts.Find(field)!, FilterOperator.Eq, [value]);

    private static Filter ReadJson(RecordType type, string json)
    {
        using var document = JsonDocument.Parse(json);
        List<Fault> faults = [];
        var filter = FilterJson.Read(type, document.RootElement, faults);
        Assert.True(filter is not null && faults.Count == 0, $"{json}: {string.Join(", ", faults)}");
        return filter;
    }

    private static Filter? ReadText(RecordType type, string text)
    {
        var query = QueryText.Read(text, FilterTypes.All, type == FilterTypes.MadeUp ? type : null, out var fault);
        Assert.True(query is not null && query.Type == type, $"{text}: {fault}");
        return query.Filter;
    }

    /// <summary>Writes the same query with other white space and other parentheses around the whole.</summary>
    private static string Untidy(Random random, string text)
    {
        var (select, where) = (
            text[..text.IndexOf("WHERE", StringComparison.Ordinal)], text[(text.IndexOf("WHERE", StringComparison.Ordinal) + 5)..]);
        return $"\r\n {select.Replace(" ", random.Next(2) == 0 ? "\t" : " \n", StringComparison.Ordinal)} where ( {where} )";
    }
}
