using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>
/// Filters as text: <c>SELECT id FROM contacts WHERE city = 'Oslo'</c>, or the condition alone. It looks like SQL and never
/// becomes SQL: it is read into a <see cref="Filter"/>. docs/filters.md has the grammar.
/// </summary>
public static class QueryText
{
    /// <summary>Reads and checks a query.</summary>
    /// <param name="text">Anything; nothing in it makes this throw.</param>
    /// <param name="types">What FROM can name.</param>
    /// <param name="of">The type that the caller asks of, which FROM must not contradict; null leaves it to FROM.</param>
    /// <param name="fault">Null unless the result is.</param>
    public static Query? Read(string text, IReadOnlyList<RecordType> types, RecordType? of, out QueryFault? fault)
    {
        if (QueryLexer.FindUnreadable(text) is { } unreadable)
        {
            fault = unreadable;
            return null;
        }

        QueryCursor cursor = new(text);
        var query = new QueryParser(cursor, types, of).Read();
        fault = cursor.Fault;
        return fault is null ? query : null;
    }

    /// <summary>
    /// The query with as few parentheses as it needs. <see cref="Read"/> gives an equal filter, unless the text is longer than
    /// it takes.
    /// </summary>
    public static string Write(RecordType type, Filter? filter) => QueryWriter.Write(type, filter);
}
