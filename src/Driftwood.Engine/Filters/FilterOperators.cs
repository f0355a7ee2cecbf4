using System.Text.Json;
using Driftwood.Engine.Records.FieldTypes;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Filters;

/// <summary>The names of the operators, and the number of values that they take.</summary>
public static class FilterOperators
{
    private static readonly Dictionary<string, FilterOperator> ByName = Enum.GetValues<FilterOperator>().ToDictionary(Name);

    /// <summary>The API's name, such as <c>starts_with</c>.</summary>
    public static string Name(FilterOperator op) => JsonNamingPolicy.SnakeCaseLower.ConvertName(op.ToString());

    /// <summary>The operator with that name, or null.</summary>
    public static FilterOperator? Find(string name) => ByName.TryGetValue(name, out var op) ? op : null;

    /// <summary>Maximum values of the operator: 0 if it takes none, more than 1 if it takes a list.</summary>
    public static int MaxValues(FilterOperator op) => op switch
    {
        IsBlank or IsNotBlank => 0,
        In => FilterLimits.MaxListValues,
        HasAnyTag or HasAllTags => FilterLimits.MaxTags,
        _ => 1,
    };
}
