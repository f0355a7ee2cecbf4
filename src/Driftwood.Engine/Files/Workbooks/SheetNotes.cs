namespace Driftwood.Engine.Files.Workbooks;

/// <summary>What a person should know of a sheet before the import.</summary>
internal sealed class SheetNotes
{
    private const int ShownText = 20;

    private (long Line, long Count, string First) _merged;
    private (long Line, long Count, string First) _errors;
    private (long Line, long Count, string First) _uncalculated;

    public void AddMerged(string? range)
    {
        var shown = Shown(range ?? "");
        var digits = shown.SkipWhile(char.IsAsciiLetter).TakeWhile(char.IsAsciiDigit).ToArray();
        Add(ref _merged, long.TryParse(digits, out var line) ? line : 1, shown);
    }

    public void AddError(long line, string text) => Add(ref _errors, line, Shown(text));

    public void AddUncalculated(long line) => Add(ref _uncalculated, line, "");

    public IReadOnlyList<DetectionNote> ToList()
    {
        List<DetectionNote> notes = [];
        void Note(string code, (long Line, long Count, string First) found, string message)
        {
            if (found.Count > 0) notes.Add(new DetectionNote(code, found.Line, found.Count, message));
        }

        Note("merged_cells", _merged,
            $"Cells are merged, such as {_merged.First}. Only the first of them has the value; the others are blank.");
        Note("error_cells", _errors,
            $"A formula failed; the cell has {_errors.First}. Confirm with null_values to import such cells as blank.");
        Note("formulas_without_values", _uncalculated,
            "A formula has no stored value, so its cell is blank. A spreadsheet stores the values when it saves the workbook.");
        return notes;
    }

    private static void Add(ref (long Line, long Count, string First) found, long line, string first) =>
        found = found.Count == 0 ? (line, 1, first) : found with { Count = found.Count + 1 };

    private static string Shown(string text) => text.Length <= ShownText ? text : text[..ShownText];
}
