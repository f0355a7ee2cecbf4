using System.Text;
using System.Text.Json;

namespace Driftwood.Engine.Files.Json;

/// <summary>How the objects of a JSON file are put together.</summary>
internal enum JsonForm
{
    /// <summary>An object on each line.</summary>
    Lines,

    /// <summary>An array of objects.</summary>
    Array,
}

/// <summary>Recognises JSON at its beginning.</summary>
internal static class JsonForms
{
    private const int FirstTokens = 2;

    /// <summary>The form of a file that is called JSON; null if its text is none.</summary>
    /// <param name="start">The beginning of the text.</param>
    /// <param name="isWhole">It is all of the text.</param>
    /// <exception cref="UnreadableFileException">The file is one object over several lines.</exception>
    public static JsonForm? Of(ReadOnlySpan<byte> start, bool isWhole)
    {
        start = start.TrimStart(" \t\r\n"u8);
        if (start.StartsWith("["u8)) return Reads(start, FirstTokens) ? JsonForm.Array : null;
        if (!start.StartsWith("{"u8)) return HasObject(start, isWhole) ? JsonForm.Lines : null;
        var line = start.IndexOf((byte)'\n');
        if (line >= 0 && !IsValue(start[..line]) && Reads(start, int.MaxValue)) throw OverLines();
        return JsonForm.Lines;
    }

    // A line that is an object, below others that are broken.
    private static bool HasObject(ReadOnlySpan<byte> start, bool isWhole)
    {
        while (!start.IsEmpty)
        {
            var end = start.IndexOf((byte)'\n');
            if (end < 0 && !isWhole) return false;
            var line = (end < 0 ? start : start[..end]).Trim(" \t\r"u8);
            if (line.StartsWith("{"u8) && IsValue(line)) return true;
            start = end < 0 ? default : start[(end + 1)..];
        }

        return false;
    }

    private static bool IsValue(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            return reader.Read() && reader.TrySkip();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Whether the first value begins as JSON does. [Email],[Name] is a header of some databases.
    private static bool Reads(ReadOnlySpan<byte> start, int tokens)
    {
        var reader = new Utf8JsonReader(start, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 1 << 16 }));
        try
        {
            while (tokens-- > 0 && reader.Read())
            {
                if (reader is { CurrentDepth: 0, TokenType: JsonTokenType.EndObject or JsonTokenType.EndArray }) break;
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static UnreadableFileException OverLines() => new(
        "broken_json",
        "The file is an object over several lines. What to do: save the objects as an array, or one on each line, with nothing around "
            + "them.");
}
