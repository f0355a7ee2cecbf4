using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters;

/// <summary>Compares one field with values. A blank field meets only <c>ne</c> and <c>is_blank</c>.</summary>
/// <param name="Field">One of <see cref="FilterFields.All"/>.</param>
/// <param name="Operator">An operator that the field's kind accepts.</param>
/// <param name="Values">
/// Values in stored form (<c>1234</c>, <c>2025-06-15</c>, <c>true</c>), patterns and tags as written, each once. <c>is_blank</c>
/// and <c>is_not_blank</c> take none; <c>in</c>, <c>has_any_tag</c> and <c>has_all_tags</c> take any number; the others take one.
/// </param>
public sealed record Comparison(Field Field, FilterOperator Operator, IReadOnlyList<string> Values) : Filter
{
    internal override int Depth => 0;

    /// <inheritdoc/>
    public bool Equals(Comparison? other) =>
        other is not null && Field == other.Field && Operator == other.Operator && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(HashCode.Combine(Field.Key, Operator), HashCode.Combine);
}
