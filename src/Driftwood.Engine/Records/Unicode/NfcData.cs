using System.Collections;
using System.Globalization;

namespace Driftwood.Engine.Records.Unicode;

/// <summary>The characters that combine or decompose, read from <c>unicode-nfc.txt</c>.</summary>
internal static class NfcData
{
    private const int FirstSyllable = 0xAC00;
    private const int FirstLeading = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int FirstTrailing = 0x11A7; // stands for none
    private const int Leadings = 19;
    private const int Vowels = 21;
    private const int Trailings = 28;
    private const int Syllables = Leadings * Vowels * Trailings;

    private static readonly Dictionary<int, int[]> Parts = [];
    private static readonly Dictionary<(int First, int Second), int> Pairs = [];
    private static readonly Dictionary<int, int> Classes = [];
    private static readonly BitArray Suspects = new(0x110000);

    static NfcData()
    {
        using var stream = typeof(NfcData).Assembly.GetManifestResourceStream("unicode-nfc")
            ?? throw new InvalidOperationException("The characters that combine are not embedded.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            if (words[0] == "c") AddClass(words);
            else if (words[0] != "#") AddParts(words);
        }

        for (var point = FirstVowel; point < FirstVowel + Vowels; point++) Suspects[point] = true;
        for (var point = FirstTrailing + 1; point < FirstTrailing + Trailings; point++) Suspects[point] = true;
    }

    /// <summary>Whether a text with the character may not be in the form.</summary>
    public static bool IsSuspect(int point) => Suspects[point];

    /// <summary>The canonical combining class; 0 for a letter.</summary>
    public static int ClassOf(int point) => Classes.GetValueOrDefault(point);

    /// <summary>The character that two characters compose to, or 0.</summary>
    public static int Pair(int first, int second)
    {
        if (first is >= FirstLeading and < FirstLeading + Leadings && second is >= FirstVowel and < FirstVowel + Vowels)
        {
            return FirstSyllable + ((((first - FirstLeading) * Vowels) + second - FirstVowel) * Trailings);
        }

        if (first is >= FirstSyllable and < FirstSyllable + Syllables && (first - FirstSyllable) % Trailings == 0
            && second is > FirstTrailing and < FirstTrailing + Trailings)
        {
            return first + second - FirstTrailing;
        }

        return Pairs.GetValueOrDefault((first, second));
    }

    /// <summary>The canonical decomposition, with the marks after each letter in their order.</summary>
    public static List<int> Decompose(string text)
    {
        List<int> points = new(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var point = char.IsSurrogatePair(text, i) ? char.ConvertToUtf32(text, i++) : text[i];
            Add(point, points);
        }

        Order(points);
        return points;
    }

    // The marks after a letter stand in the order of their classes, those of one class as they are given.
    private static void Order(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) > 0) end++;
            if (end - start > 1)
            {
                var ordered = points.GetRange(start, end - start).OrderBy(ClassOf).ToList();
                for (var i = 0; i < ordered.Count; i++) points[start + i] = ordered[i];
            }

            start = end;
        }
    }

    private static void Add(int point, List<int> points)
    {
        if (point is >= FirstSyllable and < FirstSyllable + Syllables)
        {
            var index = point - FirstSyllable;
            points.Add(FirstLeading + (index / (Vowels * Trailings)));
            points.Add(FirstVowel + (index % (Vowels * Trailings) / Trailings));
            if (index % Trailings > 0) points.Add(FirstTrailing + (index % Trailings));
        }
        else if (Parts.TryGetValue(point, out var parts))
        {
            foreach (var part in parts) Add(part, points);
        }
        else
        {
            points.Add(point);
        }
    }

    private static void AddClass(string[] words)
    {
        var range = words[1].Split('-').Select(Hex).ToArray();
        for (var point = range[0]; point <= range[1]; point++)
        {
            Classes[point] = int.Parse(words[2], CultureInfo.InvariantCulture);
            Suspects[point] = true;
        }
    }

    private static void AddParts(string[] words)
    {
        var point = Hex(words[1]);
        var parts = words[2..].Select(Hex).ToArray();
        Parts[point] = parts;
        if (words[0] == ">")
        {
            Suspects[point] = true;
            return;
        }

        Pairs[(parts[0], parts[1])] = point;
        Suspects[parts[1]] = true;
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
