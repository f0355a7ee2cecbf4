using System.Globalization;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;
using NpgsqlTypes;
using static System.FormattableString;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Filters;

/// <summary>
/// Writes a filter as a condition on the row <c>r</c> of its type's table. Values are passed as parameters, in stored form or as
/// match keys; the text contains nothing from a caller. A condition that is null counts as false.
/// </summary>
public sealed class FilterSql
{
    private readonly IList<NpgsqlParameter> _parameters;

    private FilterSql(IList<NpgsqlParameter> parameters) => _parameters = parameters;

    /// <summary>The condition, in parentheses if it needs them beside <c>and</c>.</summary>
    /// <param name="filter">A filter on the record type whose table is queried.</param>
    /// <param name="parameters">
    /// The statement's parameters, all positional: <c>$1</c> is the account. The filter's parameters are appended.
    /// </param>
    public static string Write(Filter filter, IList<NpgsqlParameter> parameters) =>
        new FilterSql(parameters).Write(filter, isNegated: false);

    // Negation is pushed down to the comparisons. A comparison that is not negated can use an index. A negated one is written so that
    // it also holds for a blank field; a NOT around null would not hold.
    private string Write(Filter filter, bool isNegated) => filter switch
    {
        And and => Join(and.Conditions, isNegated ? " or " : " and ", isNegated),
        Or or => Join(or.Conditions, isNegated ? " and " : " or ", isNegated),
        Not not => Write(not.Condition, !isNegated),
        Comparison comparison => Compare(comparison, isNegated),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "Not a kind of filter."),
    };

    private string Join(IReadOnlyList<Filter> conditions, string word, bool isNegated) =>
        $"({string.Join(word, conditions.Select(condition => Write(condition, isNegated)))})";

    private string Compare(Comparison comparison, bool isNegated)
    {
        var field = comparison.Field;
        switch (comparison.Operator)
        {
            case Ne:
                return Compare(comparison with { Operator = Eq }, !isNegated);
            case IsNotBlank:
                return IsBlankSql(field, !isNegated);
            case IsBlank:
                return IsBlankSql(field, isNegated);
        }

        if (field.UniqueId is { } id && field.KeyColumn is null && KeyKind(field, comparison.Operator) is { } kind)
        {
            var test = CompareKeys("u.key", comparison.Operator, Keys(kind, comparison.Values));
            var own = Invariant($"u.account_id = $1 and u.record_id = r.id and u.field_id = '{id}'");
            return $"{(isNegated ? "not " : "")}exists (select from unique_values u where {own} and {test})";
        }

        var plain = field switch
        {
            { IsInChangeLog: true } => OfJobs(field, $"= any ({Many(comparison.Values, "uuid")})"),
            { Type.IsList: true } => CompareTags(comparison),
            _ => CompareValue(comparison),
        };
        return isNegated ? $"({plain}) is not true" : plain;
    }

    private static string IsBlankSql(Field field, bool isNegated) => field switch
    {
        { IsInChangeLog: true } => $"{(isNegated ? "" : "not ")}{OfJobs(field, "is not null")}",
        { IsTags: true } => isNegated ? "r.tag_keys <> '{}'" : "r.tag_keys = '{}'",
        { Type.IsList: true } => $"{CustomTagKeys(field)} -> 0 {(isNegated ? "is not null" : "is null")}",
        _ => $"{field.ValueSql("r")} {(isNegated ? "is not null" : "is null")}",
    };

    // The subquery depends on no record, so the server runs it once.
    private static string OfJobs(Field field, string jobs)
    {
        var effect = field.Key == "created_by_job" ? "c.effect = 'created'" : ChangeLog.IsChange;
        return $"(r.id in (select unnest(c.record_ids) from changes c where c.account_id = $1 and c.job_id {jobs} and {effect}))";
    }

    /// <summary>
    /// How a comparison's values become keys; null if the values themselves are compared. A unique custom field whose values have only
    /// one spelling, the stored form, is also compared by key, because the keys have an index.
    /// </summary>
    private static MatchKeyKind? KeyKind(Field field, FilterOperator op) => field switch
    {
        { Type.HasOneSpelling: true } => op is Eq or In ? field.MatchKey : null,
        _ => FilterKeys.Of(field, op),
    };

    private static string[] Keys(MatchKeyKind kind, IReadOnlyList<string> values) =>
        [.. values.Select(value => MatchKeys.Of(kind, value) ?? throw new ArgumentException("A value without a key.", nameof(values)))];

    private string CompareValue(Comparison comparison)
    {
        var (field, op) = (comparison.Field, comparison.Operator);
        if (field.KeyColumn is { } column && FilterKeys.Of(field, op) is { } kind)
        {
            return CompareKeys($"r.{column}", op, Keys(kind, comparison.Values));
        }

        var value = field.ValueSql("r");
        var isText = field.SqlType == "text";
        return op switch
        {
            Eq => $"{value} = {One(comparison.Values[0], field.SqlType)}",
            In => $"{value} = any ({Many(comparison.Values, field.SqlType)})",
            Lt or Lte or Gt or Gte => $"{value}{(isText ? " collate \"C\"" : "")} {Sign(op)} {One(comparison.Values[0], field.SqlType)}",
            Contains => $"{value} ilike {One($"%{Literally(comparison.Values[0])}%")} collate caseless",
            StartsWith => $"{value} ilike {One($"{Literally(comparison.Values[0])}%")} collate caseless",
            Like => $"{value} like {One(comparison.Values[0])}",
            Ilike => $"{value} ilike {One(comparison.Values[0])} collate caseless",
            _ => throw new ArgumentException($"{op} does not compare values.", nameof(comparison)),
        };
    }

    private string CompareKeys(string column, FilterOperator op, string[] keys) => op switch
    {
        Eq => $"{column} = {One(keys[0])}",
        In => $"{column} = any ({Many(keys)})",
        StartsWith => $"{column} like {One($"{Literally(keys[0])}%")}",
        _ => $"{column} {Sign(op)} {One(keys[0])}",
    };

    private string CompareTags(Comparison comparison)
    {
        var keys = Many([.. comparison.Values.Select(MatchKeys.OfTag)]);
        var isAny = comparison.Operator == HasAnyTag;
        // The index on tags does not contain records without tags. It is used only if the condition excludes them too.
        return comparison.Field.IsTags
            ? $"(r.tag_keys {(isAny ? "&&" : "@>")} {keys} and r.tag_keys <> '{{}}')"
            : $"{CustomTagKeys(comparison.Field)} {(isAny ? "?|" : "?&")} {keys}";
    }

    private static string CustomTagKeys(Field field) => Invariant($"r.custom -> '{field.Slot}' -> 'keys'");

    private static string Sign(FilterOperator op) => op switch
    {
        Lt => "<",
        Lte => "<=",
        Gt => ">",
        Gte => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "Not an order."),
    };

    /// <summary>A pattern that matches exactly the text.</summary>
    private static string Literally(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal);

    private string One(string value, string sqlType = "text")
    {
        _parameters.Add(new NpgsqlParameter<string> { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Text });
        return Last(sqlType == "text" ? "::text" : $"::text::{sqlType}");
    }

    private string Many(IReadOnlyList<string> values, string sqlType = "text")
    {
        _parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return Last(sqlType == "text" ? "::text[]" : $"::text[]::{sqlType}[]");
    }

    private string Last(string cast) => string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}{cast}");
}
