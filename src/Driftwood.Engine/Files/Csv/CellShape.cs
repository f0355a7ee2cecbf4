using System.Buffers;
using System.Text;
using Driftwood.Engine.Records.Calendar;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Csv;

/// <summary>What a cell holds, as far as that tells a column's name from a value.</summary>
internal enum CellShape
{
    Blank,
    Text,
    Number,
    Date,
    Phone,
    Email,
    Url,
}

/// <summary>Tells the shape of a cell.</summary>
internal static class CellShapes
{
    private const int FewestPhoneDigits = 7;

    private static readonly SearchValues<char> PhoneLetters = SearchValues.Create("+0123456789 ()-./\u00A0\u2011\u2013\u202F");

    /// <summary>A name of a column has the shape <see cref="CellShape.Text"/>, or now and then <see cref="CellShape.Number"/>.</summary>
    public static CellShape Of(string cell)
    {
        if (cell.Length == 0) return CellShape.Blank;
        if (IsEmail(cell)) return CellShape.Email;
        if (IsUrl(cell)) return CellShape.Url;
        if (!cell.AsSpan().ContainsAnyInRange('0', '9')) return CellShape.Text;
        var utf8 = Encoding.UTF8.GetBytes(cell);
        Span<byte> scratch = stackalloc byte[Records.Values.CellReader.ScratchBytes];
        if (utf8.Length < 64)
        {
            if (Dates.IsDateTime(utf8, DateFormat.YearMonthDay) || Dates.IsDateTime(utf8, DateFormat.DayMonthYear)
                || Dates.IsDateTime(utf8, DateFormat.MonthDayYear)) return CellShape.Date;
            if (Numbers.TryDecimal(utf8, decimalComma: false, scratch, out _)
                || Numbers.TryDecimal(utf8, decimalComma: true, scratch, out _)) return CellShape.Number;
        }

        return IsPhone(cell) ? CellShape.Phone : CellShape.Text;
    }

    private static bool IsEmail(string cell)
    {
        var at = cell.IndexOf('@');
        return at > 0 && cell.IndexOf('.', at) > at + 1 && !cell.AsSpan().ContainsAny(' ', '\n', '\t') && cell[^1] != '.';
    }

    private static bool IsUrl(string cell) =>
        (cell.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || cell.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || cell.StartsWith("www.", StringComparison.OrdinalIgnoreCase)) && cell.Length > 8 && !cell.Contains(' ');

    private static bool IsPhone(string cell) =>
        cell.Count(char.IsAsciiDigit) >= FewestPhoneDigits && !cell.AsSpan().ContainsAnyExcept(PhoneLetters);
}
