using System.Globalization;
using System.Text;

namespace Driftwood.Engine.Records;

/// <summary>Dates and times as people write them, in the form in which they are stored.</summary>
internal static class Dates
{
    /// <summary>Year first, so that no date can be read two ways: 1990-02-28, 1990/2/28, 1990.02.28; a time after it is ignored only when it is midnight.</summary>
    public static bool TryDate(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (value.IndexOfAny((byte)'T', (byte)' ') is > 0 and var end && value[(end + 1)..] is var time && (time.SequenceEqual("00:00:00"u8) || time.SequenceEqual("00:00:00Z"u8)))
        {
            value = value[..end];
        }

        if (value.Length is < 8 or > 10 || value[4] is not ((byte)'-' or (byte)'/' or (byte)'.')) return false;
        var separator = value[4];
        var second = value[5..].IndexOf(separator);
        if (second is < 1 or > 2 || value.Length - second > 8) return false;
        if (!TryDigits(value[..4], out var year) || !TryDigits(value.Slice(5, second), out var month) || !TryDigits(value[(6 + second)..], out var day)) return false;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        stored = new DateOnly(year, month, day).TryFormat(scratch, out var written, "yyyy-MM-dd", CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> value, out int number)
    {
        number = 0;
        if (value.Length is 0 or > 4) return false;
        foreach (var b in value)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            number = (number * 10) + (b - '0');
        }

        return true;
    }

    /// <summary>Year first, with a time or without; without an offset it is UTC.</summary>
    public static bool TryDateTime(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (value.Length is < 10 or > 40) return false;
        Span<char> chars = stackalloc char[40];
        if (!Ascii.IsValid(value)) return false;
        var text = chars[..Encoding.ASCII.GetChars(value, chars)];
        const DateTimeStyles style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (text[..4].ContainsAnyExceptInRange('0', '9') || text[4] != '-' || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, style, out var instant)) return false;
        stored = instant.TryFormat(scratch, out var written, "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }
}
