using System.Text;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>Splits headers into words that can be compared: letters without accents in lower case, and numbers.</summary>
internal static class HeaderWords
{
    /// <summary>Letters that Unicode does not decompose.</summary>
    private static readonly Dictionary<char, string> Plain = new()
    {
        ['ß'] = "ss",
        ['ẞ'] = "ss",
        ['æ'] = "ae",
        ['Æ'] = "ae",
        ['œ'] = "oe",
        ['Œ'] = "oe",
        ['ø'] = "o",
        ['Ø'] = "o",
        ['ł'] = "l",
        ['Ł'] = "l",
        ['đ'] = "d",
        ['Đ'] = "d",
        ['ð'] = "d",
        ['þ'] = "th",
        ['ı'] = "i",
        ['º'] = "o",
        ['ª'] = "a",
        ['°'] = "o",
    };

    /// <summary>The words of a header: <c>MailingStreet</c>, <c>mailing_street</c> and <c>Mailing Street</c> have the same.</summary>
    public static List<string> Of(string header)
    {
        List<string> words = [];
        StringBuilder word = new();
        var before = '\0';
        var bare = Nfc.WithoutMarks(header);
        for (var i = 0; i < bare.Length; i++)
        {
            var c = bare[i];
            var isWord = char.IsLetterOrDigit(c) || Plain.ContainsKey(c);
            if (word.Length > 0 && (!isWord || Begins(before, c, i + 1 < bare.Length ? bare[i + 1] : '\0')))
            {
                words.Add(word.ToString());
                word.Clear();
            }

            if (isWord) word.Append(Plain.TryGetValue(c, out var plain) ? plain : char.ToLowerInvariant(c).ToString());
            before = isWord ? c : '\0';
        }

        if (word.Length > 0) words.Add(word.ToString());
        return words;
    }

    /// <summary>The words without blanks, as names are compared.</summary>
    public static string Join(string name) => string.Concat(Of(name));

    public static bool IsNumber(string word) => word.All(char.IsAsciiDigit);

    // A capital after a small letter, the last capital of several before a small letter, and a digit after a letter or the reverse.
    private static bool Begins(char before, char c, char next) =>
        char.IsDigit(before) != char.IsDigit(c)
        || (char.IsUpper(c) && (char.IsLower(before) || (char.IsUpper(before) && char.IsLower(next))));
}
