using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Filters;

/// <summary>Decides which comparisons compare match keys instead of the written values.</summary>
internal static class FilterKeys
{
    /// <summary>How both sides are normalised; null when the values themselves are compared.</summary>
    public static MatchKeyKind? Of(Field field, FilterOperator op) =>
        field.Type.ComparesText && op is Eq or Ne or In or Lt or Lte or Gt or Gte or StartsWith ? field.MatchKey : null;
}
