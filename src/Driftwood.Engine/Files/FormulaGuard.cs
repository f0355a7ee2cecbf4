namespace Driftwood.Engine.Files;

/// <summary>
/// Prevents spreadsheets from running a cell as a formula, by an apostrophe in front. A cell that already has apostrophes before the
/// formula's first character gets one more. Removing one apostrophe therefore restores every cell.
/// </summary>
internal static class FormulaGuard
{
    /// <summary>Whether the cell gets an apostrophe. This is also true for a cell that already got one.</summary>
    public static bool Applies(ReadOnlySpan<byte> cell)
    {
        var rest = cell.TrimStart((byte)'\'');
        return !rest.IsEmpty && "=+-@\t\r\n"u8.Contains(rest[0]);
    }

    /// <summary>The cell without its apostrophe.</summary>
    public static ReadOnlySpan<byte> Remove(ReadOnlySpan<byte> cell) => cell.StartsWith("'"u8) && Applies(cell) ? cell[1..] : cell;
}
