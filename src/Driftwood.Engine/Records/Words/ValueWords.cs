using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Driftwood.Engine.Records.Words;

/// <summary>The words that stand inside dates and phone numbers, in many languages. They are the contents of value-words.json.</summary>
internal static class ValueWords
{
    /// <summary>Letters that tell the months of a language apart.</summary>
    private const int ShortestMonth = 3;

    /// <summary>Bytes of the longest word, and some.</summary>
    private const int MostBytes = 24;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Contents All = Read();
    private static readonly FrozenDictionary<string, int> Months = Names();
    private static readonly FrozenSet<string> BetweenDateParts = All.BetweenDateParts.ToFrozenSet();
    private static readonly FrozenSet<string> AfterDay = All.AfterDay.ToFrozenSet();
    private static readonly FrozenSet<string> BetweenPhones = All.BetweenPhones.ToFrozenSet();

    /// <summary>For each language the twelve months, each with its spellings separated by blanks.</summary>
    public static IReadOnlyDictionary<string, string[]> MonthsByLanguage => All.Months;

    /// <summary>The month of a name or of the beginning of one, from 1; 0 if it is none, or could be two.</summary>
    public static int MonthOf(ReadOnlySpan<byte> word)
    {
        if (word.Length is < ShortestMonth or > MostBytes) return 0;
        Span<char> lower = stackalloc char[MostBytes];
        return Months.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(Lower(word, lower), out var month) ? month : 0;
    }

    /// <summary>Whether a word joins the parts of a date: 15 de marzo.</summary>
    public static bool IsBetweenDateParts(ReadOnlySpan<byte> word) => Holds(BetweenDateParts, word);

    /// <summary>Whether letters make an ordinal number of a day: 15th.</summary>
    public static bool IsAfterDay(ReadOnlySpan<byte> word) => Holds(AfterDay, word);

    /// <summary>Whether a word stands between two phone numbers.</summary>
    public static bool IsBetweenPhones(ReadOnlySpan<byte> word) => Holds(BetweenPhones, word);

    private static bool Holds(FrozenSet<string> words, ReadOnlySpan<byte> word)
    {
        if (word.Length is 0 or > MostBytes) return false;
        Span<char> lower = stackalloc char[MostBytes];
        return words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Lower(word, lower));
    }

    // No letter takes more characters than it has bytes.
    private static ReadOnlySpan<char> Lower(ReadOnlySpan<byte> word, Span<char> lower)
    {
        var length = Encoding.UTF8.GetChars(word, lower);
        for (var i = 0; i < length; i++) lower[i] = char.ToLowerInvariant(lower[i]);
        return lower[..length];
    }

    // The beginnings of all names. One that two months share, as jui does, is none.
    private static FrozenDictionary<string, int> Names()
    {
        Dictionary<string, int> names = new(StringComparer.Ordinal);
        var all = All.Months.Values
            .SelectMany(months => months.Index().SelectMany(month => month.Item.ToLowerInvariant().Split(' ')
                .Select(name => (Name: name, Month: month.Index + 1))))
            .ToList();
        foreach (var (name, month) in all)
        {
            for (var length = ShortestMonth; length <= name.Length; length++)
            {
                var beginning = name[..length];
                names[beginning] = names.TryGetValue(beginning, out var other) && other != month ? 0 : month;
            }
        }

        foreach (var (name, month) in all) names[name] = month;
        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static Contents Read()
    {
        using var file = typeof(ValueWords).Assembly.GetManifestResourceStream("value-words.json")!;
        return JsonSerializer.Deserialize<Contents>(file, Json)!;
    }

    private sealed record Contents(
        string About,
        IReadOnlyDictionary<string, string[]> Months,
        IReadOnlyList<string> BetweenDateParts,
        IReadOnlyList<string> AfterDay,
        IReadOnlyList<string> BetweenPhones);
}
