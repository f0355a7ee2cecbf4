using System.Buffers.Text;
using System.Globalization;

namespace Driftwood.Engine.Records;

/// <summary>Whole and decimal numbers as people write them, in the form in which they are stored.</summary>
internal static class Numbers
{
    /// <summary>A 64-bit whole number, a thousands separator being a comma.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!TryUngroup(value, scratch, out var plain)) return false;
        if (!Utf8Parser.TryParse(plain, out long number, out var used) || used != plain.Length) return false;
        stored = number.TryFormat(scratch, out var written, provider: CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    /// <summary>A number of at most 28 digits, without exponent.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!TryUngroup(value, scratch, out var plain)) return false;
        if (CountDigits(plain, "+-."u8) is < 1 or > 28) return false;
        if (!decimal.TryParse(plain, style, CultureInfo.InvariantCulture, out var number)) return false;
        stored = number.TryFormat(scratch, out var written, provider: CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    // 1,234,567.5: commas are taken out where each is followed by exactly three digits before the next mark and the first
    // group has one to three that do not begin with 0: 1234,567 and 0,125 have a decimal comma.
    private static bool TryUngroup(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> plain)
    {
        plain = value;
        if (!value.Contains((byte)',')) return true;
        if (value.Length > scratch.Length) return false;
        var first = value[..value.IndexOf((byte)',')].TrimStart("+-"u8);
        if (first.Length is 0 or > 3 || first[0] == '0') return false;
        var written = 0;
        var inGroup = -1;
        var whole = true;
        for (var i = 0; i < value.Length; i++)
        {
            var b = value[i];
            if (b == ',')
            {
                if (!whole || inGroup is not (-1 or 3) || i == 0 || !char.IsAsciiDigit((char)value[i - 1])) return false;
                inGroup = 0;
                continue;
            }

            if (b == '.')
            {
                if (inGroup is not (-1 or 3)) return false;
                whole = false;
                inGroup = -1;
            }
            else if (inGroup >= 0)
            {
                inGroup++;
            }

            scratch[written++] = b;
        }

        plain = scratch[..written];
        return inGroup is -1 or 3;
    }

    /// <summary>How many digits there are, or -1 when there is anything else but the separators.</summary>
    public static int CountDigits(ReadOnlySpan<byte> value, ReadOnlySpan<byte> separators)
    {
        var digits = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is >= (byte)'0' and <= (byte)'9') digits++;
            else if (value[i] == 0xC2 && i + 1 < value.Length && value[i + 1] == 0xA0) i++; // a no-break space
            else if (!separators.Contains(value[i])) return -1;
        }

        return digits;
    }
}
