using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Driftwood.Engine.Records;

/// <summary>
/// Reads one value, from a cell of a file or from a request alike: trims it, checks it against its field, and gives
/// it in the one form in which it is stored. Works on UTF-8 and allocates nothing on the good path.
/// </summary>
internal static class CellReader
{
    /// <summary>Room that <see cref="TryRead"/> may need for a value whose stored form differs from the written one.</summary>
    public const int ScratchBytes = 64;

    private static readonly SearchValues<byte> NotInLocalPart = SearchValues.Create(" \t\r\n\v\f<>()[],;:\\\""u8);
    private static readonly SearchValues<byte> NotInUrl = SearchValues.Create(" \t\r\n\v\f<>\""u8);

    /// <summary>
    /// The stored form of a value; empty when the value is blank. <paramref name="fault"/> is null unless the result is
    /// false. The result may point into <paramref name="value"/> or <paramref name="scratch"/>.
    /// </summary>
    public static bool TryRead(Field field, ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored, out CellFault? fault)
    {
        stored = default;
        if (value.Contains((byte)0) || !Utf8.IsValid(value))
        {
            fault = CellFault.Characters;
            return false;
        }

        value = Blank.Trim(value);
        fault = null;
        if (value.IsEmpty) return true;
        if (field.MaxLength > 0 && value.Length > field.MaxLength && CountScalars(value) > field.MaxLength)
        {
            fault = CellFault.TooLong(field.MaxLength);
            return false;
        }

        fault = field.Kind == FieldKind.Choice ? ReadChoice(field, value, out stored) : Read(field.Kind, value, scratch, out stored);
        return fault is null;
    }

    private static CellFault? Read(FieldKind kind, ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        switch (kind)
        {
            case FieldKind.Text: return null;
            case FieldKind.Email: return IsEmail(value) ? null : CellFault.Email;
            case FieldKind.Phone: return IsPhone(value) ? null : CellFault.Phone;
            case FieldKind.Url: return IsUrl(value) ? null : CellFault.Url;
            case FieldKind.Domain: return IsUrl(value) ? null : CellFault.Domain;
            case FieldKind.Integer: return TryInteger(value, scratch, out stored) ? null : CellFault.Integer;
            case FieldKind.Decimal: return TryDecimal(value, scratch, out stored) ? null : CellFault.Decimal;
            case FieldKind.Boolean: return TryBoolean(value, out stored) ? null : CellFault.Boolean;
            case FieldKind.Date: return TryDate(value, scratch, out stored) ? null : CellFault.Date;
            case FieldKind.DateTime: return TryDateTime(value, scratch, out stored) ? null : CellFault.DateTime;
            case FieldKind.Reference or FieldKind.Id: return TryId(value, scratch, out stored) ? null : CellFault.Reference;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind that one cell holds.");
        }
    }

    private static CellFault? ReadChoice(Field field, ReadOnlySpan<byte> value, out ReadOnlySpan<byte> stored) =>
        Choices.Of(field).TryFind(value, out stored) ? null : CellFault.Choice(field.Options);

    private static int CountScalars(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            if ((b & 0xC0) != 0x80) count++;
        }

        return count;
    }

    // The shape mail servers accept in practice: one @, no white space, a host with a dot.
    private static bool IsEmail(ReadOnlySpan<byte> value)
    {
        var at = value.IndexOf((byte)'@');
        if (at is < 1 or > 64 * 4 || HoldsInvisible(value)) return false;
        var local = value[..at];
        return !local.ContainsAny(NotInLocalPart) && local[0] != '.' && local[^1] != '.' && IsHost(value[(at + 1)..]);
    }

    private static bool IsHost(ReadOnlySpan<byte> host)
    {
        if (host.Length is < 3 or > 253 || host.IndexOf((byte)'.') < 0) return false;
        var labels = 0;
        var lastIsNumber = false;
        foreach (var range in host.Split((byte)'.'))
        {
            var label = host[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-') return false;
            labels++;
            lastIsNumber = !label.ContainsAnyExceptInRange((byte)'0', (byte)'9');
            foreach (var b in label)
            {
                if (!(b >= 0x80 || b is (byte)'-' or (byte)'_' || char.IsAsciiLetterOrDigit((char)b))) return false;
            }
        }

        // No top-level domain is a number: 1.5 is one, 192.168.1.10 is an address.
        return !lastIsNumber || labels == 4;
    }

    // Without a scheme neither a user nor anything but a port may stand before the path: javascript:alert(1)%2f%2f@example.com
    // would pass for a user at example.com, and runs when it is clicked.
    private static bool IsUrl(ReadOnlySpan<byte> value)
    {
        if (value.ContainsAny(NotInUrl) || HoldsInvisible(value)) return false;
        var afterScheme = MatchKeys.AfterScheme(value);
        var authority = value[afterScheme..];
        if (authority.IndexOfAny("/?#"u8) is >= 0 and var end) authority = authority[..end];
        if (afterScheme == 0)
        {
            if (authority.Contains((byte)'@')) return false;
        }
        else if (!Ascii.EqualsIgnoreCase(value[..(afterScheme - 3)], "http"u8) && !Ascii.EqualsIgnoreCase(value[..(afterScheme - 3)], "https"u8))
        {
            return false;
        }

        var host = authority[(authority.LastIndexOf((byte)'@') + 1)..];
        if (host.IndexOf((byte)':') is >= 0 and var colon && host[(colon + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        return IsHost(MatchKeys.HostOf(value));
    }

    // What cannot be seen cannot be meant: white space beyond ASCII, control and formatting characters.
    private static bool HoldsInvisible(ReadOnlySpan<byte> value)
    {
        if (Ascii.IsValid(value)) return value.ContainsAnyInRange((byte)0, (byte)' ') || value.Contains((byte)0x7F);
        while (!value.IsEmpty)
        {
            Rune.DecodeFromUtf8(value, out var rune, out var length);
            if (Blank.IsBlank(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format) return true;
            value = value[length..];
        }

        return false;
    }

    private static bool IsPhone(ReadOnlySpan<byte> value)
    {
        var extension = value.IndexOfAny((byte)'x', (byte)'X');
        var number = extension < 0 ? value : value[..extension].TrimEnd("eE. ,#;"u8);
        if (extension >= 0 && CountDigits(value[(extension + 1)..].TrimStart("tT.: "u8), ""u8) is < 1 or > 8) return false;
        if (number.StartsWith("(+"u8)) number = number[2..];
        else if (number.StartsWith("+"u8)) number = number[1..];
        return CountDigits(number, " -.()/\t"u8) is >= 3 and <= 20;
    }

    /// <summary>How many digits there are, or -1 when there is anything else but the separators.</summary>
    private static int CountDigits(ReadOnlySpan<byte> value, ReadOnlySpan<byte> separators)
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

    private static bool TryInteger(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!TryUngroup(value, scratch, out var plain)) return false;
        if (!Utf8Parser.TryParse(plain, out long number, out var used) || used != plain.Length) return false;
        stored = number.TryFormat(scratch, out var written, provider: CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    private static bool TryDecimal(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
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

    private static bool TryBoolean(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> stored)
    {
        Span<byte> lower = stackalloc byte[5];
        stored = default;
        if (value.Length > 5 || Ascii.ToLower(value, lower, out var length) != OperationStatus.Done) return false;
        ReadOnlySpan<byte> word = lower[..length];
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("yes"u8) || word.SequenceEqual("y"u8) || word.SequenceEqual("t"u8)
            || word.SequenceEqual("1"u8) || word.SequenceEqual("on"u8))
        {
            stored = "true"u8;
        }
        else if (word.SequenceEqual("false"u8) || word.SequenceEqual("no"u8) || word.SequenceEqual("n"u8) || word.SequenceEqual("f"u8)
            || word.SequenceEqual("0"u8) || word.SequenceEqual("off"u8))
        {
            stored = "false"u8;
        }

        return !stored.IsEmpty;
    }

    // Year first, so that no date can be read two ways: 1990-02-28, 1990/2/28, 1990.02.28, with a time after it ignored only when it is midnight.
    private static bool TryDate(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
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

    private static bool TryDateTime(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
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

    private static bool TryId(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!Utf8Parser.TryParse(value, out Guid id, out var used) || used != value.Length) return false;
        stored = Utf8Formatter.TryFormat(id, scratch, out var written) ? scratch[..written] : default;
        return true;
    }
}
