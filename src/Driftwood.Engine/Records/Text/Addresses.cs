using System.Buffers;
using System.Globalization;
using System.Text;

namespace Driftwood.Engine.Records.Text;

/// <summary>Recognises e-mail addresses, web addresses and phone numbers. Values keep their spelling.</summary>
internal static class Addresses
{
    private static readonly SearchValues<byte> NotInLocalPart = SearchValues.Create(" \t\r\n\v\f<>()[],;:\\\""u8);
    private static readonly SearchValues<byte> NotInUrl = SearchValues.Create(" \t\r\n\v\f<>\""u8);

    /// <summary>The shape mail servers accept in practice: one @, no white space, a host with a dot.</summary>
    public static bool IsEmail(ReadOnlySpan<byte> value)
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

        // No top-level domain is a number: 1.5 is a number, 192.168.1.10 is an address.
        return !lastIsNumber || labels == 4;
    }

    /// <summary>
    /// A web address with http, https or no scheme, or a host alone. Without a scheme, only a host and a port may come before the
    /// path, and no user: javascript:alert(1)%2f%2f@example.com would pass for a user at example.com and runs when it is clicked.
    /// </summary>
    public static bool IsUrl(ReadOnlySpan<byte> value)
    {
        if (value.ContainsAny(NotInUrl) || HoldsInvisible(value)) return false;
        var afterScheme = MatchKeys.AfterScheme(value);
        var authority = value[afterScheme..];
        if (authority.IndexOfAny("/?#"u8) is >= 0 and var end) authority = authority[..end];
        if (afterScheme == 0)
        {
            if (authority.Contains((byte)'@')) return false;
        }
        else if (!Ascii.EqualsIgnoreCase(value[..(afterScheme - 3)], "http"u8)
            && !Ascii.EqualsIgnoreCase(value[..(afterScheme - 3)], "https"u8))
        {
            return false;
        }

        var host = authority[(authority.LastIndexOf((byte)'@') + 1)..];
        if (host.IndexOf((byte)':') is >= 0 and var colon && host[(colon + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        return IsHost(MatchKeys.HostOf(value));
    }

    // Nobody types invisible characters on purpose: white space beyond ASCII, control and formatting characters.
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

    /// <summary>3 to 20 digits with separators, an optional leading + and an optional extension.</summary>
    public static bool IsPhone(ReadOnlySpan<byte> value)
    {
        var extension = value.IndexOfAny((byte)'x', (byte)'X');
        var number = extension < 0 ? value : value[..extension].TrimEnd("eE. ,#;"u8);
        if (extension >= 0 && Numbers.CountDigits(value[(extension + 1)..].TrimStart("tT.: "u8), ""u8) is < 1 or > 8) return false;
        if (number.StartsWith("(+"u8)) number = number[2..];
        else if (number.StartsWith("+"u8)) number = number[1..];
        return Numbers.CountDigits(number, " -.()/\t"u8) is >= 3 and <= 20;
    }
}
