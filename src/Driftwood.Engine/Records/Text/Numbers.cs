using System.Buffers.Text;
using System.Globalization;

namespace Driftwood.Engine.Records.Text;

/// <summary>Converts whole and decimal numbers from the form that people write to the stored form.</summary>
internal static class Numbers
{
    /// <summary>A 64-bit whole number.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> value, bool decimalComma, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!TryPlain(value, decimalComma, scratch, out var plain)) return false;
        if (!Utf8Parser.TryParse(plain, out long number, out var used) || used != plain.Length) return false;
        stored = number.TryFormat(scratch, out var written, provider: CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    /// <summary>A number of at most 28 digits, without exponent.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> value, bool decimalComma, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!TryPlain(value, decimalComma, scratch, out var plain)) return false;
        if (CountDigits(plain, "+-."u8) is < 1 or > 28) return false;
        if (!decimal.TryParse(plain, style, CultureInfo.InvariantCulture, out var number)) return false;
        stored = number.TryFormat(scratch, out var written, provider: CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    /// <summary>Removes thousands separators and writes a decimal point. It does not check that the result is a number.</summary>
    private static bool TryPlain(ReadOnlySpan<byte> value, bool decimalComma, Span<byte> scratch, out ReadOnlySpan<byte> plain)
    {
        plain = value;
        if (!value.ContainsAnyExcept(decimalComma ? "+-0123456789"u8 : "+-.0123456789"u8)) return true;
        if (value.Length > scratch.Length) return false;
        var written = value[0] is (byte)'+' or (byte)'-' ? 1 : 0;
        value[..written].CopyTo(scratch);
        var point = value.IndexOf(decimalComma ? (byte)',' : (byte)'.');
        var whole = value[written..(point < 0 ? value.Length : point)];
        if (!TryUngroup(whole, decimalComma ? (byte)'.' : (byte)',', scratch, ref written)) return false;
        if (point >= 0)
        {
            scratch[written++] = (byte)'.';
            value[(point + 1)..].CopyTo(scratch[written..]);
            written += value.Length - point - 1;
        }

        plain = scratch[..written];
        return true;
    }

    // 1,234,567 or 1 234 567: separators of one kind, each followed by exactly three digits. The first group has one to three digits
    // and does not begin with 0, because 1234,567 and 0,125 have a decimal comma.
    private static bool TryUngroup(ReadOnlySpan<byte> whole, byte separator, Span<byte> scratch, ref int written)
    {
        ReadOnlySpan<byte> mark = default;
        var inGroup = 0;
        while (!whole.IsEmpty)
        {
            if (char.IsAsciiDigit((char)whole[0]))
            {
                scratch[written++] = whole[0];
                inGroup++;
                whole = whole[1..];
                continue;
            }

            var length = whole[0] == separator ? 1 : Blank.SpaceLength(whole);
            if (length == 0) return false;
            if (mark.IsEmpty ? inGroup is 0 or > 3 || scratch[written - inGroup] == '0' : inGroup != 3 || !whole.StartsWith(mark))
            {
                return false;
            }

            mark = whole[..length];
            whole = whole[length..];
            inGroup = 0;
        }

        return mark.IsEmpty || inGroup == 3;
    }

    /// <summary>The number of digits, or -1 if there is anything except digits and separators.</summary>
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
