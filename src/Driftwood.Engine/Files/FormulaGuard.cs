namespace Driftwood.Engine.Files;

/// <summary>
/// Keeps spreadsheets from running a cell as a formula: an apostrophe before it. What has apostrophes before the
/// formula's first character gets one more, so that taking one off gives back every cell as it was.
/// </summary>
internal static class FormulaGuard
{
    /// <summary>Whether the cell gets an apostrophe; of a cell that has got one, the same is true.</summary>
    public static bool Applies(ReadOnlySpan<byte> cell)
    {
        var rest = cell.TrimStart((byte)'\'');
        return !rest.IsEmpty && "=+-@\t\r\n"u8.Contains(rest[0]);
    }

    /// <summary>The cell without its apostrophe.</summary>
    public static ReadOnlySpan<byte> Remove(ReadOnlySpan<byte> cell) => cell.StartsWith("'"u8) && Applies(cell) ? cell[1..] : cell;
}
