using System.Text;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Cells;

/// <summary>Finds the address in what mail programs and web pages write for one.</summary>
internal static class EmailText
{
    /// <summary>
    /// The address of <c>Name &lt;a@b&gt;</c>, <c>Name (a@b)</c>, <c>mailto:a@b</c>, <c>&lt;a@b&gt;</c> or <c>a@b;</c>, without invisible
    /// characters around it. Returns the value where it has none of these forms.
    /// </summary>
    public static ReadOnlySpan<byte> Address(ReadOnlySpan<byte> value)
    {
        value = Invisible.Trim(value).Trim(" ;,\t"u8);
        if (value.IsEmpty) return value;
        value = Between(value, (byte)'<', (byte)'>');
        value = Between(value, (byte)'(', (byte)')').Trim(" ;,\t"u8);
        if (value.Length > 7 && Ascii.EqualsIgnoreCase(value[..7], "mailto:"u8))
        {
            value = value[7..];
            if (value.IndexOf((byte)'?') is > 0 and var query) value = value[..query];
        }

        return Blank.Trim(value.Trim("\"'<>"u8));
    }

    /// <summary>Whether a value has more than one address.</summary>
    public static bool HasSeveral(ReadOnlySpan<byte> value) => value.Count((byte)'@') > 1 && value.IndexOfAny(";, \t\n"u8) > 0;

    private static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> value, byte open, byte close)
    {
        if (value[^1] != close || value.Count(open) != 1) return value;
        var inside = value[(value.IndexOf(open) + 1)..^1];
        return inside.Contains((byte)'@') ? inside : value;
    }
}
