namespace Driftwood.Engine.Files;

/// <summary>What a reader had to make allowance for in a record that it could read.</summary>
[Flags]
internal enum RowNotes
{
    /// <summary>The record is as the format says.</summary>
    None = 0,

    /// <summary>Cells at the end are missing. They are blank.</summary>
    MissingCells = 1,

    /// <summary>Blank cells beyond the columns were dropped.</summary>
    SurplusBlankCells = 2,

    /// <summary>Quotes inside a quoted cell are not escaped. They are part of the text.</summary>
    StrayQuotes = 4,

    /// <summary>Blanks stand between a delimiter and an opening quote. They were skipped.</summary>
    BlanksBeforeQuotes = 8,

    /// <summary>Backslashes escape quotes, delimiters, line breaks or backslashes.</summary>
    Escapes = 16,

    /// <summary>Cells stand in single quotes.</summary>
    SingleQuotes = 32,
}
