using System.Globalization;
using System.Text;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>The oracle of filters. It evaluates a filter record by record, in the order of docs/filters.md.</summary>
internal static class FilterMeaning
{
    public static bool Holds(Filter filter, FilterRecord record) => filter switch
    {
        And and => and.Conditions.All(condition => Holds(condition, record)),
        Or or => or.Conditions.Any(condition => Holds(condition, record)),
        Not not => !Holds(not.Condition, record),
        Comparison comparison => Holds(comparison, record),
        _ => throw new ArgumentException("Unknown filter.", nameof(filter)),
    };

    private static bool Holds(Comparison comparison, FilterRecord record)
    {
        var (field, values) = (comparison.Field, comparison.Values);
        return comparison.Operator switch
        {
            IsBlank => record.IsBlank(field),
            IsNotBlank => !record.IsBlank(field),
            Ne => !Holds(comparison with { Operator = Eq }, record),
            _ when record.IsBlank(field) => false,
            HasTag or HasAllTags => values.All(tag => record.Tags[field.Key].Keys.Contains(MatchKeys.OfTag(tag))),
            HasAnyTag => values.Any(tag => record.Tags[field.Key].Keys.Contains(MatchKeys.OfTag(tag))),
            Contains => Lower(record[field]!).Contains(Lower(values[0]), StringComparison.Ordinal),
            StartsWith => StartsWithIt(field, record[field]!, values[0]),
            Like => Matches(record[field]!, values[0]),
            Ilike => Matches(Lower(record[field]!), Lower(values[0])),
            In => values.Any(value => Compare(field, record[field]!, value) == 0),
            Eq => Compare(field, record[field]!, values[0]) == 0,
            Lt => Compare(field, record[field]!, values[0]) < 0,
            Lte => Compare(field, record[field]!, values[0]) <= 0,
            Gt => Compare(field, record[field]!, values[0]) > 0,
            Gte => Compare(field, record[field]!, values[0]) >= 0,
            _ => throw new ArgumentException("Unknown operator.", nameof(comparison)),
        };
    }

    private static bool StartsWithIt(Field field, string stored, string value) => field.MatchKey is { } kind
        ? MatchKeys.Of(kind, stored)!.StartsWith(MatchKeys.Of(kind, value)!, StringComparison.Ordinal)
        : Lower(stored).StartsWith(Lower(value), StringComparison.Ordinal);

    private static int Compare(Field field, string stored, string value) => field.Kind switch
    {
        FieldKind.Integer => Number(stored).CompareTo(Number(value)),
        FieldKind.Decimal =>
            decimal.Parse(stored, CultureInfo.InvariantCulture).CompareTo(decimal.Parse(value, CultureInfo.InvariantCulture)),
        FieldKind.Date => Day(stored).CompareTo(Day(value)),
        FieldKind.DateTime => Instant(stored).CompareTo(Instant(value)),
        FieldKind.Boolean or FieldKind.Reference or FieldKind.Id or FieldKind.Choice => string.CompareOrdinal(stored, value),
        _ when field.MatchKey is { } kind => CompareCodePoints(MatchKeys.Of(kind, stored)!, MatchKeys.Of(kind, value)!),
        _ => CompareCodePoints(stored, value),
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static int CompareCodePoints(string a, string b) =>
        Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

    private static string Lower(string text) => string.Concat(text.EnumerateRunes().Select(Rune.ToLowerInvariant));

    private static bool Matches(string text, string pattern) => Matches([.. text.EnumerateRunes()], [.. pattern.EnumerateRunes()]);

    private static bool Matches(ReadOnlySpan<Rune> text, ReadOnlySpan<Rune> pattern)
    {
        if (pattern.IsEmpty) return text.IsEmpty;
        switch (pattern[0].Value)
        {
            case '%':
                return Matches(text, pattern[1..]) || (!text.IsEmpty && Matches(text[1..], pattern));
            case '_':
                return !text.IsEmpty && Matches(text[1..], pattern[1..]);
            case '\\':
                pattern = pattern[1..];
                break;
        }

        return !text.IsEmpty && text[0] == pattern[0] && Matches(text[1..], pattern[1..]);
    }
}
