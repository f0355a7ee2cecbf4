using System.Text;
using System.Text.Unicode;
using CsvHelper;

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

    /// <summary>
    /// Writes a cell with its apostrophe. Bytes that are not text, and NUL, become U+FFFD: a UTF-8 file must not contain them.
    /// </summary>
    public static void Write(CsvWriter csv, ReadOnlySpan<byte> utf8)
    {
        var isGuarded = Applies(utf8);
        if (!isGuarded && !utf8.Contains((byte)0) && Utf8.IsValid(utf8))
        {
            csv.WriteField(utf8);
            return;
        }

        var text = Encoding.UTF8.GetString(utf8).Replace('\0', '\uFFFD');
        csv.WriteField(isGuarded ? "'" + text : text);
    }

    /// <summary>The same for a text.</summary>
    public static void Write(CsvWriter csv, string text) => Write(csv, Encoding.UTF8.GetBytes(text));
}
