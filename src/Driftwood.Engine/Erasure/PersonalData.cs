using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Engine.Erasure;

/// <summary>
/// Holds the values that identify erased records, and finds them in texts. Letter case does not count. A value is found only where it
/// stands by itself: <c>anna@x.org</c> is not in <c>joanna@x.org</c>.
/// </summary>
internal sealed class PersonalData
{
    /// <summary>What stands where a value stood.</summary>
    public const string Mark = "[erased]";

    // A shorter external id, such as "7", says nothing by itself, and would be found in rows about other people.
    private const int MinLength = 8;

    private readonly string[] _values;
    private readonly SearchValues<string> _search;

    /// <param name="ids">The records.</param>
    /// <param name="addresses">Their e-mail addresses and phone numbers.</param>
    /// <param name="keys">Their other unique values; short ones are left out.</param>
    public PersonalData(IEnumerable<Guid> ids, IEnumerable<string> addresses, IEnumerable<string> keys)
    {
        _values =
        [
            .. addresses.Concat(keys.Where(key => key.Length >= MinLength)).Where(value => value.Trim().Length > 0)
                .Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(value => value.Length),
        ];
        Ids = ids.ToHashSet();
        _search = SearchValues.Create([.. _values, .. ids.Select(id => id.ToString())], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The records.</summary>
    public IReadOnlySet<Guid> Ids { get; }

    /// <summary>The values that identify them, the longest first.</summary>
    public IReadOnlyList<string> Values => _values;

    /// <summary>Whether a text names one of the records by a value or by its id.</summary>
    public bool IsIn(ReadOnlySpan<char> text)
    {
        for (var from = 0; text[from..].IndexOfAny(_search) is >= 0 and var found; from += found + 1)
        {
            var place = from + found;
            foreach (var value in _values)
            {
                if (IsAt(text, place, value)) return true;
            }

            if (text.Length >= place + 36 && Guid.TryParse(text.Slice(place, 36), out var id) && Ids.Contains(id)) return true;
        }

        return false;
    }

    /// <summary>The same for text in UTF-8.</summary>
    public bool IsIn(ReadOnlySpan<byte> text)
    {
        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            return IsIn(characters.AsSpan(0, Encoding.UTF8.GetChars(text, characters)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    /// <summary>The text with a <see cref="Mark"/> in place of each value. Ids stay.</summary>
    public string Replace(string text)
    {
        foreach (var value in _values)
        {
            for (var from = 0; text.IndexOf(value, from, StringComparison.OrdinalIgnoreCase) is >= 0 and var place;)
            {
                var isAlone = IsAt(text, place, value);
                if (isAlone) text = string.Concat(text.AsSpan(0, place), Mark, text.AsSpan(place + value.Length));
                from = place + (isAlone ? Mark.Length : 1);
            }
        }

        return text;
    }

    /// <summary>JSON with a <see cref="Mark"/> in place of each value in its texts. Null if it has none.</summary>
    public string? ReplaceInJson(string json)
    {
        // The root may be a text itself.
        var root = new JsonArray(JsonNode.Parse(json));
        return ReplaceIn(root) ? root[0]!.ToJsonString() : null;
    }

    /// <summary>
    /// JSON without what it tells about the records. An object that names one of them keeps only its <c>id</c>. An array that names one of
    /// them keeps its length, and its values become blank. Null if the JSON names none.
    /// </summary>
    public string? Redact(string json)
    {
        var root = JsonNode.Parse(json);
        return Redact(root) ? root!.ToJsonString() : null;
    }

    private bool ReplaceIn(JsonNode? node)
    {
        var found = false;
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                var text = Replaced(value);
                if (text is not null) members[name] = text;
                found |= text is not null || ReplaceIn(value);
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                var value = items[i];
                var text = Replaced(value);
                if (text is not null) items[i] = text;
                found |= text is not null || ReplaceIn(value);
            }
        }

        return found;
    }

    // Null if the node is no text, or has no value.
    private string? Replaced(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.String) return null;
        var before = value.GetValue<string>();
        var after = Replace(before);
        return after == before ? null : after;
    }

    private bool Redact(JsonNode? node)
    {
        var found = false;
        if (node is JsonObject members)
        {
            if (members.Any(member => Names(member.Value)))
            {
                foreach (var name in members.Select(member => member.Key).Where(name => name != "id").ToList()) members.Remove(name);
                return true;
            }

            foreach (var (_, value) in members) found |= Redact(value);
        }
        else if (node is JsonArray items)
        {
            if (items.Any(Names))
            {
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is JsonValue) items[i] = "";
                }

                found = true;
            }

            foreach (var item in items) found |= Redact(item);
        }

        return found;
    }

    private bool Names(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String && IsIn(value.GetValue<string>());

    private static bool IsAt(ReadOnlySpan<char> text, int place, string value)
    {
        if (!text[place..].StartsWith(value, StringComparison.OrdinalIgnoreCase)) return false;
        if (place > 0 && (char.IsLetterOrDigit(text[place - 1]) || text[place - 1] is '.' or '_' or '%' or '+' or '-')) return false;
        var rest = text[(place + value.Length)..];
        if (rest is ['.' or '-', ..]) rest = rest[1..];
        return rest.IsEmpty || !char.IsLetterOrDigit(rest[0]);
    }
}
