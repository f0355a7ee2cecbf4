using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>
/// Filters as text: <c>SELECT id FROM contacts WHERE city = 'Oslo'</c>, or only the condition. The text looks like SQL but is never
/// run as SQL: it is read into a <see cref="Filter"/>. docs/filters.md has the grammar.
/// </summary>
public static class QueryText
{
    /// <summary>Reads and checks a query.</summary>
    /// <param name="text">Any text. No content makes this method throw.</param>
    /// <param name="types">The types that FROM can name.</param>
    /// <param name="of">The type that the caller asks for; FROM must not name another one. Null: FROM decides.</param>
    /// <param name="fault">Null unless the result is null.</param>
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
    /// Writes the query with as few parentheses as possible. <see cref="Read"/> returns an equal filter, unless the text is too long
    /// for it.
    /// </summary>
    public static string Write(RecordType type, Filter? filter) => QueryWriter.Write(type, filter);
}
