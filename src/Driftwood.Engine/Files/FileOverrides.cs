namespace Driftwood.Engine.Files;

/// <summary>Properties of a file that the caller specifies. Null means that they are detected.</summary>
/// <param name="Encoding">The name of an encoding that the kind of file supports.</param>
/// <param name="Delimiter">One ASCII character.</param>
/// <param name="HasHeader">Whether the table's first record names the columns.</param>
/// <param name="HeaderRow">The number of the table's first record in the file, from 1. Blank lines count.</param>
/// <param name="RaggedRows">How records that lack cells at their end are treated.</param>
/// <param name="Escape">The character that escapes a quote inside a quoted cell: a quote or a backslash.</param>
/// <param name="Quote">The sign around quoted cells: a double quote or a single one. With either, lines are not unwrapped.</param>
/// <param name="Sheet">The name or number of a workbook's sheet.</param>
public sealed record FileOverrides(
    string? Encoding = null,
    char? Delimiter = null,
    bool? HasHeader = null,
    int? HeaderRow = null,
    RaggedRows? RaggedRows = null,
    char? Escape = null,
    char? Quote = null,
    string? Sheet = null);
