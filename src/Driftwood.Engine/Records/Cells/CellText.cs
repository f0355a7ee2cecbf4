using System.Buffers;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Records.Cells;

/// <summary>The text of a value, however its source wraps it. Every reader of cells uses it, so that all agree on what is blank.</summary>
internal static class CellText
{
    /// <summary>With fewer digits, an apostrophe may stand for a century: '90.</summary>
    private const int MinGuardedDigits = 3;

    private static readonly SearchValues<byte> OfZeroDates = SearchValues.Create("0/-.: "u8);
    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create("0123456789+-./:, ()"u8);

    /// <summary>Separates several values of one cell, as Google Contacts writes them.</summary>
    public static ReadOnlySpan<byte> Several => " ::: "u8;

    /// <summary>
    /// The text trimmed and in NFC; empty for a blank value. It allocates only for a cell that is wrapped or not in NFC. The value is
    /// valid UTF-8.
    /// </summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> value, bool isDate, scoped in CellFormat format) =>
        Nfc.Of(Bare(value, isDate, format));

    /// <summary>Whether a cell has no value.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> value, bool isDate, scoped in CellFormat format) => Bare(value, isDate, format).IsEmpty;

    /// <summary>The same as <see cref="Of"/>, but for the form. ASCII is in it.</summary>
    public static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> value, bool isDate, scoped in CellFormat format)
    {
        value = Blank.Trim(value);
        if (value.IsEmpty || !format.IsFile) return value;
        if (value[0] == '=') value = Unwrap(value);
        else if (value[0] == '\'') value = Unguard(value);
        if (format.NullValues is { } markers && markers.Contains(value)) return default;
        return isDate && IsZeroDate(value) ? default : value;
    }

    /// <summary>
    /// The text inside <c>="000123"</c>, by which programs keep Excel from dropping zeros. Other formulas stay as they are.
    /// </summary>
    private static ReadOnlySpan<byte> Unwrap(ReadOnlySpan<byte> value)
    {
        if (value.Length < 3 || value[1] != '"' || value[^1] != '"') return value;
        var inside = value[2..^1];
        if (!inside.Contains((byte)'"')) return Blank.Trim(inside);
        var text = new byte[inside.Length];
        var length = 0;
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] == '"' && (++i == inside.Length || inside[i] != '"')) return value; // ="a"&"b"
            text[length++] = inside[i];
        }

        return Blank.Trim(text.AsSpan(0, length));
    }

    /// <summary>The number behind the apostrophe of <c>'0150</c>, by which programs keep spreadsheets from dropping zeros.</summary>
    private static ReadOnlySpan<byte> Unguard(ReadOnlySpan<byte> value)
    {
        var number = value[1..];
        if (number.ContainsAnyExcept(OfNumbers)) return value;
        var digits = 0;
        foreach (var b in number) digits += char.IsAsciiDigit((char)b) ? 1 : 0;
        return digits < MinGuardedDigits ? value : Blank.Trim(number);
    }

    /// <summary>Whether a value has zeros and separators only: 0/0/00 in Outlook, 0000-00-00 00:00:00 in MySQL.</summary>
    public static bool IsZeroDate(ReadOnlySpan<byte> value) => !value.ContainsAnyExcept(OfZeroDates);
}
