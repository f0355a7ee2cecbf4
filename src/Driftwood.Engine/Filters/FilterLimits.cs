namespace Driftwood.Engine.Filters;

/// <summary>How large a filter may be: far beyond what people write, far below what hurts a database.</summary>
public static class FilterLimits
{
    /// <summary>Most And, Or and Not around a comparison; in a query also most NOT and parentheses.</summary>
    public const int MaxDepth = 20;

    /// <summary>Most comparisons in a filter.</summary>
    public const int MaxConditions = 500;

    /// <summary>Most values in all comparisons of a filter together.</summary>
    public const int MaxValues = 5_000;

    /// <summary>Most values of <c>in</c>.</summary>
    public const int MaxListValues = 1_000;

    /// <summary>Most values of <c>has_any_tag</c> and <c>has_all_tags</c>.</summary>
    public const int MaxTags = 100;

    /// <summary>Most Unicode scalar values in a text that is compared.</summary>
    public const int MaxTextLength = 10_000;

    /// <summary>Most UTF-16 code units in a query.</summary>
    public const int MaxQueryLength = 100_000;

    /// <summary>Most faults that are told of one filter: enough to mend it by.</summary>
    public const int MaxFaults = 100;
}
