using System.Text;
using UtfUnknown;

namespace Driftwood.Engine.Files.Encodings;

/// <summary>The likely encoding of text that is neither UTF-8 nor marked.</summary>
/// <param name="Encoding">The encoding.</param>
/// <param name="Confidence">From 0 to 1.</param>
/// <param name="Words">Some words that show whether the guess is right.</param>
internal sealed record CodePageGuess(string Encoding, double Confidence, IReadOnlyList<string> Words)
{
    private const string Default = "windows-1252";
    private const double OwnConfidence = 0.5;
    private const int MostWords = 5;
    private const int MostLetters = 40;

    /// <summary>A single word is too little for the library, so the most usual encoding is taken if the word looks right in it.</summary>
    private const int FewWords = 2;

    private static EncodingKnowledge Known => EncodingKnowledge.Instance;

    /// <summary>Guesses from lines that contain bytes beyond ASCII.</summary>
    public static CodePageGuess Of(byte[] lines)
    {
        var found = CharsetDetector.DetectFromBytes(lines).Detected;
        var detected = found?.EncodingName is { } name ? ReadAs(name.ToLowerInvariant(), lines) : null;
        var western = Known.Western.FirstOrDefault(encoding => LooksWestern(lines, encoding));
        var isLittle = western == Default && WordsOf(lines, Default).Count < FewWords;
        if (detected is null || (western is not null && (isLittle || !Known.Usual.Contains(detected))))
        {
            return new CodePageGuess(western ?? Default, OwnConfidence, WordsOf(lines, western ?? Default));
        }

        return new CodePageGuess(detected, Math.Round(Math.Clamp(found!.Confidence, 0, 1), 2), WordsOf(lines, detected));
    }

    private static string? ReadAs(string name, byte[] lines)
    {
        if (Known.ReadAs.TryGetValue(name, out var other)) name = other;
        if (lines.AsSpan().ContainsAnyInRange((byte)0x80, (byte)0x9F)
            && Known.WiderReadAs.TryGetValue(name, out var wider))
        {
            name = wider;
        }

        // The bytes were found to be neither UTF-8 nor ASCII before, so the library is wrong if it names one of the two.
        return TextEncodings.NameOf(name) is { } known && known is not (TextEncodings.Utf8 or "us-ascii") ? known : null;
    }

    // Each letter is a usual one and has the case of its neighbours, and signs stand between words.
    private static bool LooksWestern(byte[] lines, string encoding)
    {
        var text = TextEncodings.Decoder(encoding).GetString(lines);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] < 0x80) continue;
            var isInWord = i > 0 && char.IsLetter(text[i - 1]) && i + 1 < text.Length && char.IsLetter(text[i + 1]);
            if (Known.WesternLetters.Contains(text[i]))
            {
                if (char.IsUpper(text[i]) && i > 0 && (char.IsLower(text[i - 1]) || (isInWord && char.IsLower(text[i + 1])))) return false;
            }
            else if (!Known.WesternSigns.Contains(text[i]) || (isInWord && text[i] is not ('’' or '‘' or '´')))
            {
                return false;
            }
        }

        return true;
    }

    private static List<string> WordsOf(byte[] lines, string encoding)
    {
        List<string> words = [];
        var text = TextEncodings.Decoder(encoding).GetString(lines);
        for (var at = 0; at < text.Length && words.Count < MostWords;)
        {
            if (!IsPart(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < text.Length && IsPart(text[at])) at++;
            var word = text[start..at];
            if (word.Length > MostLetters || !word.Any(letter => letter >= 0x80)) continue;
            if (!words.Contains(word)) words.Add(word);
        }

        return words;
    }

    private static bool IsPart(char letter) => char.IsLetter(letter) || letter >= 0x80;
}
