using System.Buffers;
using System.Text;

namespace Driftwood.Engine.Records.Text;

/// <summary>Trims UTF-8. Every reader and every match key uses the same definition of white space.</summary>
internal static class Blank
{
    /// <summary>The value without leading and trailing Unicode white space, byte order marks, zero-width spaces and word joiners.</summary>
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

    /// <summary>The same for a string.</summary>
    public static string Trim(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && IsBlank(text[start])) start++;
        while (end > start && IsBlank(text[end - 1])) end--;
        return text[start..end];
    }

    /// <summary>Copies ASCII with one space for each run of white space, and none at its ends. Returns the length of the copy.</summary>
    public static int CollapseAscii(ReadOnlySpan<byte> ascii, Span<byte> copy)
    {
        var length = 0;
        var pendingSpace = false;
        foreach (var b in ascii)
        {
            if (b is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r'))
            {
                pendingSpace = length > 0;
                continue;
            }

            if (pendingSpace) copy[length++] = (byte)' ';
            pendingSpace = false;
            copy[length++] = b;
        }

        return length;
    }

    /// <summary>Whether every surrogate has its other half. Enumerating runes would hide a lone surrogate.</summary>
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
    /// The bytes of the space at the start of a text, as used inside numbers and dates: plain, no-break, thin or narrow. 0 if
    /// there is none.
    /// </summary>
    public static int SpaceLength(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith(" "u8)) return 1;
        if (utf8.StartsWith("\u00A0"u8)) return 2;
        return utf8.StartsWith("\u202F"u8) || utf8.StartsWith("\u2009"u8) ? 3 : 0;
    }

    public static bool IsBlank(Rune rune) => Rune.IsWhiteSpace(rune) || rune.Value is 0xFEFF or 0x200B or 0x2060;

    // All white space is in the basic plane, so half a surrogate pair is not white space.
    private static bool IsBlank(char c) => Rune.TryCreate(c, out var rune) && IsBlank(rune);
}
