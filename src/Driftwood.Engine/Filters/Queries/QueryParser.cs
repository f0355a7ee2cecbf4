using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>Reads <c>[SELECT … FROM type] [WHERE] condition</c>.</summary>
internal sealed class QueryParser(QueryCursor cursor, IReadOnlyList<RecordType> types, RecordType? of)
{
    /// <summary>Reads the query. Returns null when there is a <see cref="QueryCursor.Fault"/>.</summary>
    public Query? Read()
    {
        if (cursor.TryTake("SELECT")) return ReadSelect();
        if (of is not null) return ReadCondition(of);
        cursor.Refuse(cursor.Token, "SELECT … FROM a record type");
        return null;
    }

    private Query? ReadSelect()
    {
        if (ReadItems() is not { } items || !cursor.Expect("FROM", "',' or FROM")) return null;
        if (ReadType() is not { } type || !CheckItems(items, type)) return null;
        if (cursor.TryTake("WHERE")) return ReadCondition(type);
        if (cursor.Token.Kind == QueryTokenKind.End) return new Query(type, null);
        cursor.Refuse(cursor.Token, "WHERE or the end of the query");
        return null;
    }

    private Query? ReadCondition(RecordType type)
    {
        if (new ConditionParser(cursor, type).Read() is not { } filter) return null;
        if (cursor.Token.Kind == QueryTokenKind.End) return new Query(type, filter);
        cursor.Refuse(cursor.Token, "AND, OR or the end of the query");
        return null;
    }

    /// <summary>Reads the names of the selected fields, none for *. They can be checked only once the type is known.</summary>
    private List<QueryToken>? ReadItems()
    {
        List<QueryToken> items = [];
        if (cursor.TryTake("*")) return items;
        do
        {
            if (ReadName("'*' or a field") is not { } item) return null;
            items.Add(item);
            if (cursor.TryTake("AS") && ReadName("a name") is null) return null;
        }
        while (cursor.TryTake(","));
        return items;
    }

    private bool CheckItems(List<QueryToken> items, RecordType type)
    {
        QueryFields fields = new(type);
        return items.TrueForAll(item => fields.Find(item, cursor) is not null);
    }

    private QueryToken? ReadName(string expected)
    {
        if (cursor.Token.IsName) return cursor.Take();
        cursor.Refuse(cursor.Token, expected);
        return null;
    }

    private RecordType? ReadType()
    {
        if (ReadName("a record type") is not { } token) return null;
        QueryNames<RecordType> names = new(types, type => type.Key, type => type.Label);
        var found = names.Find(token.Value);
        if (found.Count != 1)
        {
            var keys = string.Join(", ", found.Select(type => type.Key));
            var expected = found.Count == 0 ? "a record type" : $"one of the record types of that label by its key: {keys}";
            cursor.Refuse(token, expected, names.Keys);
            return null;
        }

        if (of is null || found[0].Key == of.Key) return of ?? found[0];
        cursor.Refuse(token, of.Key, [of.Key]);
        return null;
    }
}
