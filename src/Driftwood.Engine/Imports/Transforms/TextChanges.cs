using System.Text;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Transforms;

/// <summary>Changes of texts.</summary>
internal static class TextChanges
{
    /// <summary>Every run of white space becomes one blank.</summary>
    public static string Collapse(string text)
    {
        var collapsed = new StringBuilder(text.Length);
        var gap = false;
        foreach (var rune in Blank.Trim(text).EnumerateRunes())
        {
            if (Blank.IsBlank(rune))
            {
                gap = true;
                continue;
            }

            if (gap) collapsed.Append(' ');
            gap = false;
            collapsed.Append(rune);
        }

        return collapsed.ToString();
    }

    /// <summary>
    /// Each word begins with a capital and goes on in small letters. A hyphen begins a word, and so does an apostrophe after one letter:
    /// Jean-Luc, O'Neil, but Don't.
    /// </summary>
    public static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        var letters = 0; // of the word so far
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetter(rune)) title.Append(letters++ == 0 ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune));
            else title.Append(rune);
            if (Rune.IsLetter(rune) || IsMark(rune)) continue;
            letters = rune.Value is '\'' or '’' ? (letters == 1 ? 0 : letters) : Rune.IsDigit(rune) ? 1 : 0;
        }

        return title.ToString();
    }

    /// <summary>A part of a text; blank if there are not so many.</summary>
    /// <param name="text">The text.</param>
    /// <param name="separator">What stands between the parts.</param>
    /// <param name="nth">The part: 1 is the first, -1 the last.</param>
    public static string Split(string text, string separator, int nth)
    {
        var parts = text.Split(separator);
        if (Math.Abs(nth) > parts.Length) return "";
        return Blank.Trim(parts[nth > 0 ? nth - 1 : parts.Length + nth]);
    }

    /// <summary>A phone number in the form E.164; the text as it is, if it is no number of the country.</summary>
    public static string Phone(string text, string country)
    {
        Span<byte> international = stackalloc byte[64];
        var length = PhoneCountries.ToInternational(Encoding.UTF8.GetBytes(text), country, international);
        return length == 0 ? text : Encoding.UTF8.GetString(international[..length]);
    }

    // An accent that stands behind its letter.
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark;
}
