using Driftwood.Engine.Records.FieldTypes;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>The words of the query language.</summary>
internal static class QueryKeywords
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "SELECT", "AS", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "BETWEEN", "IS", "NULL", "BLANK", "CONTAINS",
        "STARTS", "WITH", "HAS", "ANY", "ALL", "TRUE", "FALSE",
    };

    /// <summary>Whether the word must be quoted when it is used as a name.</summary>
    public static bool IsReserved(string word) => Reserved.Contains(word);

    /// <summary>The spelling of an operator in a query.</summary>
    public static string Of(FilterOperator op) => op switch
    {
        Eq => "=",
        Ne => "<>",
        Lt => "<",
        Lte => "<=",
        Gt => ">",
        Gte => ">=",
        In => "IN",
        Contains => "CONTAINS",
        StartsWith => "STARTS WITH",
        Like => "LIKE",
        Ilike => "ILIKE",
        IsBlank => "IS NULL",
        IsNotBlank => "IS NOT NULL",
        HasTag => "HAS",
        HasAnyTag => "HAS ANY",
        HasAllTags => "HAS ALL",
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Not an operator."),
    };
}
