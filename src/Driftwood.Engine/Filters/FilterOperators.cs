using System.Text.Json;
using Driftwood.Engine.Records.FieldKinds;
using static Driftwood.Engine.Records.FieldKinds.FilterOperator;

namespace Driftwood.Engine.Filters;

/// <summary>What there is to know of the operators: their names, the kinds of fields they are for, how many values they take.</summary>
public static class FilterOperators
{
    private static readonly IReadOnlyList<FilterOperator> Ordered = [Eq, Ne, Lt, Lte, Gt, Gte, In, IsBlank, IsNotBlank];
    private static readonly IReadOnlyList<FilterOperator> OfText = [Eq, Ne, Lt, Lte, Gt, Gte, In, Contains, StartsWith, Like, Ilike, IsBlank, IsNotBlank];
    private static readonly IReadOnlyList<FilterOperator> OfOneOf = [Eq, Ne, In, IsBlank, IsNotBlank];
    private static readonly IReadOnlyList<FilterOperator> OfBoolean = [Eq, Ne, IsBlank, IsNotBlank];
    private static readonly IReadOnlyList<FilterOperator> OfTags = [HasTag, HasAnyTag, HasAllTags, IsBlank, IsNotBlank];

    private static readonly Dictionary<string, FilterOperator> ByName = Enum.GetValues<FilterOperator>().ToDictionary(Name);

    /// <summary>The operators that a field of the kind takes, in the order the API prints them.</summary>
    public static IReadOnlyList<FilterOperator> Of(FieldKind kind) => kind switch
    {
        FieldKind.Integer or FieldKind.Decimal or FieldKind.Date or FieldKind.DateTime => Ordered,
        FieldKind.Choice or FieldKind.Reference or FieldKind.Id => OfOneOf,
        FieldKind.Boolean => OfBoolean,
        FieldKind.Tags => OfTags,
        _ => OfText,
    };

    /// <summary>The API's name, such as <c>starts_with</c>.</summary>
    public static string Name(FilterOperator op) => JsonNamingPolicy.SnakeCaseLower.ConvertName(op.ToString());

    /// <summary>The operator of that name, or null.</summary>
    public static FilterOperator? Find(string name) => ByName.TryGetValue(name, out var op) ? op : null;

    /// <summary>Most values the operator takes; 0 where it takes none, more than 1 where they are a list.</summary>
    public static int MaxValues(FilterOperator op) => op switch
    {
        IsBlank or IsNotBlank => 0,
        In => FilterLimits.MaxListValues,
        HasAnyTag or HasAllTags => FilterLimits.MaxTags,
        _ => 1,
    };

    /// <summary>Whether a kind's values are compared as text, so that any text can be compared with them.</summary>
    internal static bool ComparesText(FieldKind kind) => Of(kind).Contains(Contains);
}
