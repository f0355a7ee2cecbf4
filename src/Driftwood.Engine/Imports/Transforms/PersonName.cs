using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Transforms;

/// <summary>The parts of a person's name that stands in one cell: <c>Anna Maria van der Berg</c> or <c>Berg, Anna Maria</c>.</summary>
internal static class PersonName
{
    // Words with which a last name of several words begins.
    private static readonly HashSet<string> Particles = new(StringComparer.OrdinalIgnoreCase)
    {
        "af", "al", "av", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la",
        "le", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur",
    };

    /// <summary>The first names. A name of one word is a first name.</summary>
    public static string First(string name) => Split(name).First;

    /// <summary>The last name, with the words that belong to it; blank for a name of one word.</summary>
    public static string Last(string name) => Split(name).Last;

    private static (string First, string Last) Split(string name)
    {
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        if (comma >= 0) return (Blank.Trim(name[(comma + 1)..]), Blank.Trim(name[..comma]));
        var words = TextChanges.Collapse(name).Split(' ');
        if (words.Length == 1) return (words[0], "");
        var last = Array.FindIndex(words, 1, words.Length - 2, Particles.Contains);
        if (last < 0) last = words.Length - 1;
        return (string.Join(' ', words[..last]), string.Join(' ', words[last..]));
    }
}
