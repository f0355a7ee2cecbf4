using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Driftwood.Engine.Records.Text;

/// <summary>Converts whole and decimal numbers from the form that people write to the stored form.</summary>
internal static class Numbers
{
    private static readonly SearchValues<byte> WithPoint = SearchValues.Create("+-.0123456789"u8);
    private static readonly SearchValues<byte> WithComma = SearchValues.Create("+-0123456789"u8);

    /// <summary>A 64-bit whole number. In files, programs that know only decimals write 50 as 50.0; three zeros may be thousands.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> value, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!TryPlain(value, format.DecimalComma, scratch, out var plain)) return false;
        if (format.IsFile && plain.EndsWith(".0"u8)) plain = plain[..^2];
        else if (format.IsFile && plain.EndsWith(".00"u8)) plain = plain[..^3];
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
        if (!value.ContainsAnyExcept(decimalComma ? WithComma : WithPoint)) return true;
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

    /// <summary>Whether a spreadsheet has shortened a long number: <c>4.721E+10</c>.</summary>
    public static bool IsShortened(ReadOnlySpan<byte> value)
    {
        if (value.Length < 5 || !char.IsAsciiDigit((char)value[0])) return false;
        var exponent = value.IndexOfAny("eE"u8);
        if (exponent < 1 || exponent + 2 >= value.Length || value[exponent + 1] != '+') return false;
        var digits = value[..exponent];
        if (digits.Length > 1 && (digits[1] is not ((byte)'.' or (byte)',') || digits.Length == 2)) return false;
        return !value[(exponent + 2)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && (digits.Length == 1 || !digits[2..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
    }

    /// <summary>Whether a number is written with an exponent.</summary>
    public static bool HasExponent(ReadOnlySpan<byte> value) =>
        value.IndexOfAny("eE"u8) is > 0 and var exponent
        && CountDigits(value[..exponent], "+-.,"u8) > 0 && CountDigits(value[(exponent + 1)..], "+-"u8) > 0;
}
