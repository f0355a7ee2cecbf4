using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>Writes a filter as a query.</summary>
internal static class QueryWriter
{
    public static string Write(RecordType type, Filter? filter) =>
        $"SELECT id FROM {Name(type.Key)}{(filter is null ? "" : $" WHERE {Write(filter)}")}";

    private static string Write(Filter filter) => filter switch
    {
        Or or => string.Join(" OR ", or.Conditions.Select(Write)),
        And and => string.Join(" AND ", and.Conditions.Select(condition => condition is Or ? $"({Write(condition)})" : Write(condition))),
        Not { Condition: And or Or } not => $"NOT ({Write(not.Condition)})",
        Not not => $"NOT {Write(not.Condition)}",
        Comparison comparison => Write(comparison),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "Not a kind of filter."),
    };

    private static string Write(Comparison comparison)
    {
        var condition = $"{Name(comparison.Field.Key)} {QueryKeywords.Of(comparison.Operator)}";
        var values = comparison.Values.Select(value => Value(comparison.Field, value));
        return FilterOperators.MaxValues(comparison.Operator) switch
        {
            0 => condition,
            1 => $"{condition} {values.Single()}",
            _ => $"{condition} ({string.Join(", ", values)})",
        };
    }

    private static string Value(Field field, string value) => field.Type.Form switch
    {
        LiteralForm.Number => value,
        LiteralForm.Boolean => value.ToUpperInvariant(),
        _ => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'",
    };

    private static string Name(string key) =>
        QueryLexer.IsWord(key) && !QueryKeywords.IsReserved(key) ? key : $"\"{key.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
