using System.Text;

namespace Driftwood.Engine.Records.Unicode;

/// <summary>
/// Unicode Normalization Form C. The form is stored and compared, so it has to be the same on every machine: the data is in
/// <c>unicode-nfc.txt</c>, because .NET's own normalization depends on the ICU that is installed.
/// </summary>
internal static class Nfc
{
    // Below U+0300 every text is in the form; in UTF-8 these are the lead bytes below 0xCC.
    private const byte FirstLead = 0xCC;

    /// <summary>Whether the text has characters that may not be in the form. ASCII and Latin letters cost next to nothing.</summary>
    public static bool IsSuspect(ReadOnlySpan<byte> utf8) =>
        utf8.IndexOfAnyInRange(FirstLead, (byte)0xFF) is >= 0 and var start && HasSuspect(utf8[start..]);

    /// <summary>The text in the form. Allocates only if the text may not be in it. The text is valid UTF-8.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> utf8)
    {
        if (!IsSuspect(utf8)) return utf8;
        var text = Encoding.UTF8.GetString(utf8);
        var form = Compose(text);
        return form == text ? utf8 : Encoding.UTF8.GetBytes(form);
    }

    /// <summary>The text in the form. Half a surrogate pair stays as it is.</summary>
    public static string Of(string text)
    {
        foreach (var c in text)
        {
            if (c >= 0x300) return Compose(text);
        }

        return text;
    }

    /// <summary>The base letters of a text: without accents and other marks.</summary>
    public static string WithoutMarks(string text)
    {
        if (Ascii.IsValid(text)) return text;
        StringBuilder bare = new(text.Length);
        foreach (var c in NfcData.Decompose(text))
        {
            if (NfcData.ClassOf(c) == 0) bare.Append(Text(c));
        }

        return bare.ToString();
    }

    private static bool HasSuspect(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            if (NfcData.IsSuspect(rune.Value)) return true;
            utf8 = utf8[length..];
        }

        return false;
    }

    private static string Compose(string text)
    {
        var points = NfcData.Decompose(text);
        var starter = -1;
        var last = -1; // the class of the last mark that was kept after the starter
        var written = 0;
        for (var i = 0; i < points.Count; i++)
        {
            var mark = NfcData.ClassOf(points[i]);
            if (starter >= 0 && last < mark && NfcData.Pair(points[starter], points[i]) is > 0 and var pair)
            {
                points[starter] = pair;
                continue;
            }

            if (mark == 0) (starter, last) = (written, -1);
            else last = mark;
            points[written++] = points[i];
        }

        StringBuilder form = new(text.Length);
        for (var i = 0; i < written; i++) form.Append(Text(points[i]));
        return form.ToString();
    }

    private static string Text(int point) => Rune.IsValid(point) ? new Rune(point).ToString() : ((char)point).ToString();
}
