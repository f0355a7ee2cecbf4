using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>Reads a field, an operator and its values, and counts against <see cref="FilterLimits"/>.</summary>
internal sealed class ComparisonParser(QueryCursor cursor, RecordType type)
{
    private static readonly Dictionary<string, FilterOperator> Signs = new()
    {
        ["="] = Eq,
        ["<>"] = Ne,
        ["!="] = Ne,
        ["<"] = Lt,
        ["<="] = Lte,
        [">"] = Gt,
        [">="] = Gte,
    };

    private readonly QueryFields _fields = new(type);
    private int _conditions;
    private int _values;

    /// <summary>Reads a comparison. Returns null when there is a fault.</summary>
    public Filter? Read()
    {
        if (!cursor.Token.IsName)
        {
            cursor.Refuse(cursor.Token, "a field, NOT or '('");
            return null;
        }

        if (!IsCounted() || _fields.Find(cursor.Take(), cursor) is not { } field) return null;
        var start = cursor.Token;
        var isNegated = cursor.TryTake("NOT");
        var isRange = cursor.TryTake("BETWEEN");
        var op = isRange ? Gte : ReadOperator(isNegated);
        if (op is not { } known || !field.Type.Operators.Contains(known))
        {
            cursor.Refuse(start, Expected(field));
            return null;
        }

        Filter? condition = isRange ? ReadRange(field) : ReadComparison(field, known);
        return isNegated && condition is not null ? new Not(condition) : condition;
    }

    private bool IsCounted()
    {
        if (++_conditions <= FilterLimits.MaxConditions) return true;
        cursor.Refuse(cursor.Token, Invariant($"no more than {FilterLimits.MaxConditions} conditions"));
        return false;
    }

    /// <summary>Reads the operator. Returns null if the grammar has no such operator.</summary>
    private FilterOperator? ReadOperator(bool isNegated)
    {
        if (cursor.TryTake("IN")) return In;
        if (cursor.TryTake("LIKE")) return Like;
        if (cursor.TryTake("ILIKE")) return Ilike;
        if (cursor.TryTake("CONTAINS")) return Contains;
        if (cursor.TryTake("STARTS")) return cursor.Expect("WITH", "WITH") ? StartsWith : null;
        if (cursor.TryTake("HAS")) return cursor.TryTake("ANY") ? HasAnyTag : cursor.TryTake("ALL") ? HasAllTags : HasTag;
        if (isNegated) cursor.Refuse(cursor.Token, "IN, LIKE, ILIKE, BETWEEN, CONTAINS, STARTS WITH or HAS after NOT");
        if (cursor.TryTake("IS")) return ReadIs();
        if (cursor.Token.Kind != QueryTokenKind.Symbol || !Signs.TryGetValue(cursor.Token.Text, out var sign)) return null;
        cursor.Take();
        return sign;
    }

    private FilterOperator? ReadIs()
    {
        var isNegated = cursor.TryTake("NOT");
        if (cursor.TryTake("BLANK") || cursor.Expect("NULL", isNegated ? "NULL or BLANK" : "NOT, NULL or BLANK"))
        {
            return isNegated ? IsNotBlank : IsBlank;
        }

        return null;
    }

    private static string Expected(Field field)
    {
        var operators = field.Type.Operators;
        var words = operators.Select(QueryKeywords.Of).Concat(operators.Contains(Gte) ? ["BETWEEN"] : []);
        return $"an operator for {field.Key}, which is of the kind {field.Type.Name}: {string.Join(", ", words)}";
    }

    private Filter? ReadRange(Field field)
    {
        if (ReadValue(field, Gte) is not { } from || !cursor.Expect("AND", "AND") || ReadValue(field, Lte) is not { } to) return null;
        // These are two comparisons. One is already counted.
        return IsCounted() ? And.Of(new Comparison(field, Gte, [from]), new Comparison(field, Lte, [to])) : null;
    }

    private Comparison? ReadComparison(Field field, FilterOperator op)
    {
        var most = FilterOperators.MaxValues(op);
        if (most == 0) return new Comparison(field, op, []);
        if (most == 1) return ReadValue(field, op) is { } value ? new Comparison(field, op, [value]) : null;
        return ReadList(field, op, most) is { } values ? new Comparison(field, op, FilterValue.Distinct(field, values)) : null;
    }

    private List<string>? ReadList(Field field, FilterOperator op, int most)
    {
        if (!cursor.Expect("(", "'('")) return null;
        List<string> values = [];
        do
        {
            if (values.Count == most)
            {
                cursor.Refuse(cursor.Token, Invariant($"no more than {most} values"));
                return null;
            }

            if (ReadValue(field, op) is not { } value) return null;
            values.Add(value);
        }
        while (cursor.TryTake(","));
        return cursor.Expect(")", "',' or ')'") ? values : null;
    }

    private string? ReadValue(Field field, FilterOperator op)
    {
        var token = cursor.Token;
        if (token.Form is not { } form || form != field.Type.Form)
        {
            cursor.Refuse(token, FilterValue.Expected(field) + (token.Is("NULL") ? "; blank fields are found by IS NULL" : ""));
            return null;
        }

        if (++_values > FilterLimits.MaxValues)
        {
            cursor.Refuse(token, Invariant($"no more than {FilterLimits.MaxValues} values in all"));
            return null;
        }

        cursor.Take();
        var text = field.Kind == FieldKind.Decimal ? JsonText.WithoutExponent(token.Text.TrimStart('+')) : token.Value;
        var value = FilterValue.Read(field, op, text, out var fault);
        if (fault is not null) cursor.RefuseValue(token, field, fault);
        return value;
    }
}
