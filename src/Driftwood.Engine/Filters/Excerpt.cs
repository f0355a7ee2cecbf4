namespace Driftwood.Engine.Filters;

/// <summary>The part of a caller's text that a fault repeats.</summary>
internal static class Excerpt
{
    private const int MaxLength = 40;

    /// <summary>The beginning of the text. It never ends with half a surrogate pair.</summary>
    public static string Of(string text)
    {
        if (text.Length <= MaxLength) return text;
        var length = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return text[..length] + "…";
    }
}
