using System.Text.Unicode;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Warns of rows that cannot be read, and of those for which the reader made allowance.</summary>
internal static class RowWarnings
{
    private static readonly (RowNotes Note, string Code, string Message)[] Known =
    [
        (RowNotes.MissingCells, "missing_cells", "Has fewer cells than the header; those missing at its end are blank."),
        (RowNotes.SurplusBlankCells, "surplus_blank_cells", "Ends with delimiters beyond the header, as most rows do; they are left out."),
        (RowNotes.StrayQuotes, "stray_quotes", "A quote inside a quoted cell is not escaped; it was kept as text."),
        (RowNotes.BlanksBeforeQuotes, "blanks_before_quotes", "Blanks stand before an opening quote; they are left out."),
        (RowNotes.SingleQuotes, "single_quotes", "Cells stand in single quotes, which are left out; quote says otherwise."),
        (RowNotes.Escapes, "backslash_escapes", "A backslash escapes the character behind it; the backslash is left out."),
    ];

    /// <summary>Adds the warnings of the reader's current record.</summary>
    public static void Add(WarningList warnings, RowReader rows, FileFormat format)
    {
        if (rows.Fault is { } fault) warnings.Add(fault.Code, rows.LineNumber, fault.Message);
        if (rows.Notes != RowNotes.None)
        {
            foreach (var (note, code, message) in Known)
            {
                if (rows.Notes.HasFlag(note)) warnings.Add(code, rows.LineNumber, message);
            }
        }

        if (Utf8.IsValid(rows.Raw) && !rows.Raw.Contains((byte)0)) return;
        warnings.Add("invalid_characters", rows.LineNumber, $"Holds a NUL or bytes that are not {format.Describe().Encoding} text.");
    }
}
