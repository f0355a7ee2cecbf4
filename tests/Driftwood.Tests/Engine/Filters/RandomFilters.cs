using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>Random trees that a parser could return, over values that records have or almost have.</summary>
internal sealed class RandomFilters(Random random, RecordType type, FilterCells cells, IReadOnlyList<FilterRecord> records)
{
    private readonly IReadOnlyList<Field> _fields = FilterFields.All(type);

    /// <summary>A tree with at most <paramref name="depth"/> levels of And, Or and Not around a comparison.</summary>
    public Filter Tree(int depth) => random.Next(depth == 0 ? 1 : 5) switch
    {
        0 => Comparison(),
        1 => new Not(Tree(depth - 1)),
        2 or 3 => And.Of(Trees(depth - 1)),
        _ => Or.Of(Trees(depth - 1)),
    };

    private List<Filter> Trees(int depth) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Tree(depth))];

    private Comparison Comparison()
    {
        var field = cells.Pick(_fields);
        return Comparison(field, cells.Pick(field.Type.Operators));
    }

    public Comparison Comparison(Field field, FilterOperator op)
    {
        var most = FilterOperators.MaxValues(op);
        var count = most == 0 ? 0 : most == 1 ? 1 : random.Next(1, 5);
        return new Comparison(field, op, FilterValue.Distinct(field, Enumerable.Range(0, count).Select(_ => Value(field, op))));
    }

    private string Value(Field field, FilterOperator op)
    {
        // Some filters are refused: a blank part, or a pattern that ends in half an escape.
        while (true)
        {
            if (FilterValue.Read(field, op, Written(field, op), out _) is { } value) return value;
        }
    }

    private string Written(Field field, FilterOperator op)
    {
        if (field.Kind == FieldKind.Tags) return cells.Tag();
        var known = records.Where(record => !record.IsBlank(field)).ToArray();
        var value = known.Length > 0 && random.Next(3) > 0 ? cells.Pick(known)[field]! : cells.Value(field);
        if (!field.Type.ComparesText) return value;
        return op switch
        {
            Contains => cells.Respelled(cells.Part(value, fromStart: false)),
            StartsWith => cells.Respelled(cells.Part(value, fromStart: true)),
            Like => cells.Pattern(value),
            Ilike => cells.Respelled(cells.Pattern(value)),
            _ => cells.Respelled(value),
        };
    }
}
