namespace Driftwood.Engine.Filters;

/// <summary>The size limits of a filter: far above ordinary filters, and far below a size that harms a database.</summary>
public static class FilterLimits
{
    /// <summary>Maximum And, Or and Not around a comparison; in a query also maximum NOT and parentheses.</summary>
    public const int MaxDepth = 20;

    /// <summary>Maximum comparisons in a filter.</summary>
    public const int MaxConditions = 500;

    /// <summary>Maximum values in all comparisons of a filter together.</summary>
    public const int MaxValues = 5_000;

    /// <summary>Maximum values of <c>in</c>.</summary>
    public const int MaxListValues = 1_000;

    /// <summary>Maximum values of <c>has_any_tag</c> and <c>has_all_tags</c>.</summary>
    public const int MaxTags = 100;

    /// <summary>Maximum Unicode scalar values in a compared text.</summary>
    public const int MaxTextLength = 10_000;

    /// <summary>Maximum UTF-16 code units in a query.</summary>
    public const int MaxQueryLength = 100_000;

    /// <summary>Maximum faults reported for one filter. A hundred are enough to correct it.</summary>
    public const int MaxFaults = 100;
}
