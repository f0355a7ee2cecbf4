using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>Reads OR, AND, NOT and parentheses, from the loosest binding to the tightest.</summary>
internal sealed class ConditionParser(QueryCursor cursor, RecordType type)
{
    private readonly ComparisonParser _comparisons = new(cursor, type);
    private int _depth;

    /// <summary>Reads the longest possible condition. Returns null when there is a fault.</summary>
    public Filter? Read()
    {
        var start = cursor.Token;
        if (ReadOr() is not { } filter) return null;
        // The tree may be deeper than the text. JSON has to nest as deeply as the tree.
        if (filter.Depth <= FilterLimits.MaxDepth) return filter;
        cursor.Refuse(start, Invariant($"a condition nested no more than {FilterLimits.MaxDepth} deep in AND, OR and NOT"));
        return null;
    }

    private Filter? ReadOr()
    {
        List<Filter> conditions = [];
        do
        {
            if (ReadAnd() is not { } condition) return null;
            conditions.Add(condition);
        }
        while (cursor.TryTake("OR"));
        return Or.Of(conditions);
    }

    private Filter? ReadAnd()
    {
        List<Filter> conditions = [];
        do
        {
            if (ReadOne() is not { } condition) return null;
            conditions.Add(condition);
        }
        while (cursor.TryTake("AND"));
        return And.Of(conditions);
    }

    private Filter? ReadOne()
    {
        if (!cursor.Token.Is("NOT") && !cursor.Token.Is("(")) return _comparisons.Read();
        if (_depth == FilterLimits.MaxDepth)
        {
            cursor.Refuse(cursor.Token, Invariant($"no more than {FilterLimits.MaxDepth} NOT and parentheses around a condition"));
            return null;
        }

        _depth++;
        var condition = cursor.TryTake("NOT") ? ReadNegated() : ReadInParentheses();
        _depth--;
        return condition;
    }

    private Not? ReadNegated() => ReadOne() is { } condition ? new Not(condition) : null;

    private Filter? ReadInParentheses()
    {
        cursor.Take();
        return ReadOr() is { } condition && cursor.Expect(")", "AND, OR or ')'") ? condition : null;
    }
}
