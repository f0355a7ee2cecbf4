using System.Text.Json;

namespace Driftwood.Api.Platform.Requests;

/// <summary>Words for "what was found" in messages: short, and never more of a value than tells it apart.</summary>
internal static class Found
{
    private const int MaxLength = 60;

    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => $"the number {Shorten(value.GetRawText())}",
        JsonValueKind.String => Describe(value.GetString()!),
        JsonValueKind.Array => "an array",
        _ => "an object",
    };

    public static string Describe(string text) => $"\"{Shorten(text)}\"";

    public static string Shorten(string text)
    {
        if (text.Length <= MaxLength)
            return text;
        // Not between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return text[..end] + "…";
    }
}
