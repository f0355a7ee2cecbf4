using System.Buffers;
using System.Text;

namespace Driftwood.Engine.Records.Text;

/// <summary>Trimming of UTF-8: what counts as white space is the same for every reader and every match key.</summary>
internal static class Blank
{
    /// <summary>The value without leading and trailing Unicode white space, byte order marks and zero-width spaces.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            if (utf8[0] is > 0x20 and < 0x80) break;
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !IsBlank(rune)) break;
            utf8 = utf8[length..];
        }

        while (!utf8.IsEmpty)
        {
            if (utf8[^1] is > 0x20 and < 0x80) break;
            if (Rune.DecodeLastFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !IsBlank(rune)) break;
            utf8 = utf8[..^length];
        }

        return utf8;
    }

    /// <summary>The same of text.</summary>
    public static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsBlank(text[start])) start++;
        while (end > start && IsBlank(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>Whether every surrogate has its other half; enumerating runes would hide one that has not.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsSurrogatePair(text, i)) return false;
            i++;
        }

        return true;
    }

    /// <summary>
    /// Bytes of the space a text begins with, as it stands within numbers and dates: plain, no-break, thin or narrow; 0 where there
    /// is none.
    /// </summary>
    public static int SpaceLength(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith(" "u8)) return 1;
        if (utf8.StartsWith("\u00A0"u8)) return 2;
        return utf8.StartsWith("\u202F"u8) || utf8.StartsWith("\u2009"u8) ? 3 : 0;
    }

    public static bool IsBlank(Rune rune) => Rune.IsWhiteSpace(rune) || rune.Value is 0xFEFF or 0x200B;

    // All white space is in the basic plane, so half a surrogate pair is none.
    private static bool IsBlank(char c) => Rune.TryCreate(c, out var rune) && IsBlank(rune);
}
