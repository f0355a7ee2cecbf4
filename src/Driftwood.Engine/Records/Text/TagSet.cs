using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Records.Text;

/// <summary>
/// A record's tags in the given order: trimmed, inner white space collapsed, each once. Tags are compared without case; the
/// first spelling stays.
/// </summary>
/// <param name="Names">The tags in their own spelling.</param>
/// <param name="Keys">The keys by which the tags are compared; the same length.</param>
public sealed record TagSet(IReadOnlyList<string> Names, IReadOnlyList<string> Keys)
{
    /// <summary>Maximum tags of a record.</summary>
    public const int MaxTags = 100;

    /// <summary>Maximum Unicode scalar values in a tag.</summary>
    public const int MaxTagLength = 100;

    /// <summary>No tags.</summary>
    public static TagSet Empty { get; } = new([], []);

    /// <summary>The tags of a list; <paramref name="fault"/> is null unless there are too many or one is bad.</summary>
    public static TagSet Read(IEnumerable<string> tags, out Fault? fault)
    {
        fault = null;
        List<string> names = [];
        List<string> keys = [];
        foreach (var tag in tags)
        {
            // This also bounds the work: each tag is searched among the earlier ones, which is quadratic.
            if (names.Count > MaxTags) break;
            if (tag.Contains('\0') || !Blank.IsWellFormed(tag)) fault ??= CellFaults.Characters;
            var name = Collapse(tag);
            if (name.Length == 0) continue;
            var length = name.EnumerateRunes().Count();
            if (length > MaxTagLength) fault ??= CellFaults.TagTooLong(length);
            var key = MatchKeys.OfTag(name);
            if (keys.Contains(key)) continue;
            names.Add(name);
            keys.Add(key);
        }

        if (names.Count > MaxTags) fault ??= CellFaults.TooManyTags;
        return new TagSet(names, keys);
    }

    private static string Collapse(string tag)
    {
        tag = Nfc.Of(tag);
        StringBuilder name = new(tag.Length);
        var pendingSpace = false;
        foreach (var rune in tag.EnumerateRunes())
        {
            if (Blank.IsBlank(rune))
            {
                pendingSpace = name.Length > 0;
                continue;
            }

            if (pendingSpace) name.Append(' ');
            pendingSpace = false;
            name.Append(rune);
        }

        return name.ToString();
    }
}
