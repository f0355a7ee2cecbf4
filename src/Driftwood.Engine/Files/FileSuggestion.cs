using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files;

/// <summary>What the preview suggested. A confirmation that leaves out one of these settings takes the suggested one.</summary>
public sealed record FileSuggestion
{
    /// <summary>Null if the file's dates do not show it.</summary>
    public DateFormat? DateFormat { get; init; }

    /// <summary>Null if the file's numbers do not show it.</summary>
    public bool? DecimalComma { get; init; }

    /// <summary>Column name to field key, for the columns with a suggestion.</summary>
    public required IReadOnlyDictionary<string, string> ColumnMapping { get; init; }

    /// <summary>Those of the columns whose suggestion is not certain.</summary>
    public required IReadOnlyList<string> DoubtfulColumns { get; init; }
}
