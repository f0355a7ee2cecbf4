using System.Buffers;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Words;

namespace Driftwood.Engine.Records.Cells;

/// <summary>Tells several phone numbers in one cell from one number that has the same signs, such as <c>030 / 1234567</c>.</summary>
internal static class SeveralPhones
{
    /// <summary>Digits that each of several numbers has. Fewer may be an area code or an extension.</summary>
    private const int Fewest = 7;

    /// <summary>The same before a slash where the number begins with its country: an area code may stand behind that.</summary>
    private const int FewestWithCountry = 9;

    private const int Most = 160;

    private static readonly SearchValues<byte> OfOne = SearchValues.Create("0123456789 -.()\t"u8);

    /// <summary>Where the second number begins; 0 if the cell is not clearly several numbers.</summary>
    /// <param name="value">A cell.</param>
    /// <param name="end">Where the first number ends.</param>
    public static int IndexOfRest(ReadOnlySpan<byte> value, out int end)
    {
        end = 0;
        if (value.Length is <= 2 * Fewest or > Most || !value[1..].ContainsAnyExcept(OfOne)) return 0;
        for (var at = 1; at < value.Length; at++)
        {
            if (SeparatorLength(value, at) is not (>= 0 and var length)) continue;
            if (!IsNumber(value[..at]) || (value[at] == '/' && MayBeAreaCode(value[..at])) || !BeginsWithNumber(value[(at + length)..]))
            {
                continue;
            }

            end = value[..at].TrimEnd(" -.,;/(\t\r\n"u8).Length;
            return at + length;
        }

        return 0;
    }

    // The signs and words between two numbers. A plus begins a number without any; two commas are a pause in dialling.
    private static int SeparatorLength(ReadOnlySpan<byte> value, int at)
    {
        var rest = value[at..];
        if (rest.StartsWith(":::"u8)) return 3;
        if (rest[0] == ',' && (value[at - 1] == ',' || rest.StartsWith(",,"u8))) return -1;
        if (rest[0] is (byte)'/' or (byte)',' or (byte)';' or (byte)'|' or (byte)'&' or (byte)'\n' or (byte)'\r') return 1;
        if (rest[0] == '+') return 0;
        if (!IsSpace(value[at - 1])) return -1;
        var length = 0;
        while (length < rest.Length && char.IsAsciiLetter((char)rest[length])) length++;
        return length > 0 && length < rest.Length && IsSpace(rest[length]) && ValueWords.IsBetweenPhones(rest[..length]) ? length : -1;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';

    private static bool BeginsWithNumber(ReadOnlySpan<byte> rest)
    {
        for (var at = 1; at < rest.Length; at++)
        {
            if (SeparatorLength(rest, at) >= 0 && IsNumber(rest[..at])) return true;
        }

        return IsNumber(rest);
    }

    private static bool IsNumber(ReadOnlySpan<byte> piece)
    {
        piece = PhoneText.Repair(Blank.Trim(piece));
        return piece.Length is > 0 and <= 64 && Addresses.IsPhone(piece) && Digits(piece) >= Fewest;
    }

    private static bool MayBeAreaCode(ReadOnlySpan<byte> piece)
    {
        piece = Blank.Trim(piece);
        return PhoneText.HasCountry(piece)
            && Digits(piece) - (piece.TrimStart((byte)'(').StartsWith("00"u8) ? 2 : 0) < FewestWithCountry;
    }

    // Those of an extension do not count.
    private static int Digits(ReadOnlySpan<byte> piece)
    {
        var digits = 0;
        foreach (var b in piece)
        {
            if (b is (byte)'x' or (byte)'X') break;
            if (char.IsAsciiDigit((char)b)) digits++;
        }

        return digits;
    }
}
