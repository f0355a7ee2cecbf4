using System.Text;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>A cell's value as a row's error shows it.</summary>
internal static class ShownValue
{
    private const int MaxLength = 500;

    /// <summary>The value decoded, with U+FFFD for bytes that are not text and for NUL, cut where it is long.</summary>
    public static string Of(ReadOnlySpan<byte> value)
    {
        var cut = value.Length > MaxLength * 4 ? value[..(MaxLength * 4)] : value;
        var text = Encoding.UTF8.GetString(cut).Replace('\0', '\uFFFD');
        if (text.Length <= MaxLength && cut.Length == value.Length) return text;
        var length = Math.Min(text.Length, MaxLength);
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }
}
