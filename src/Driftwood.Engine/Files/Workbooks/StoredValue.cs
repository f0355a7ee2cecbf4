using System.Globalization;
using System.Text.RegularExpressions;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>Writes the stored values of cells as text.</summary>
internal static partial class StoredValue
{
    private const long DayMilliseconds = 86_400_000;
    private const int DaysOf9999 = 2_958_466;

    /// <summary>Below it, a double holds each whole number.</summary>
    private const double MaxWhole = 1L << 53;

    // 1900 counts 29 February 1900, which never was, so days before it begin one later.
    private static readonly DateTime Before1900 = new(1899, 12, 31);
    private static readonly DateTime After1900 = new(1899, 12, 30);
    private static readonly DateTime From1904 = new(1904, 1, 1);

    /// <summary>
    /// A number in full digits without an exponent. Whole numbers keep each digit; others have the 15 that spreadsheets show.
    /// </summary>
    public static string Number(string stored)
    {
        var text = stored.Trim();
        var digits = text.StartsWith('-') ? text.AsSpan(1) : text;
        if (digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9')) return text;
        if (!TryRead(text, out var number)) return text;
        // A library may write 1.234567890123456E+15, whose digits are all meant.
        if (Math.Abs(number) < MaxWhole && Math.Truncate(number) == number) return ((long)number).ToString(CultureInfo.InvariantCulture);
        var scientific = number.ToString("E14", CultureInfo.InvariantCulture);
        var at = scientific.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(scientific.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = number < 0 ? "-" : "";
        var significant = scientific[..at].Replace(".", "", StringComparison.Ordinal).TrimStart('-').TrimEnd('0');
        if (significant.Length == 0) return "0";
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{significant}";
        if (significant.Length <= exponent + 1) return sign + significant.PadRight(exponent + 1, '0');
        return $"{sign}{significant[..(exponent + 1)]}.{significant[(exponent + 1)..]}";
    }

    /// <summary>A date, a time or both, as ISO 8601 writes them. A number that is no date stays one.</summary>
    public static string Date(string stored, CellForm form, bool is1904)
    {
        if (!TryRead(stored, out var serial) || serial is not (>= 0 and < DaysOf9999)) return Number(stored);
        var (days, rest) = Math.DivRem((long)Math.Round(serial * DayMilliseconds), DayMilliseconds);
        var time = TimeSpan.FromMilliseconds(rest);
        var clock = time.ToString(time.Milliseconds == 0 ? @"hh\:mm\:ss" : @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture);
        if (form == CellForm.Elapsed) return FormattableString.Invariant($"{(days * 24) + time.Hours}:{time:mm\\:ss}");
        if (form == CellForm.Time || (days == 0 && rest > 0 && !is1904)) return clock;
        var day = Day(days, is1904);
        return form == CellForm.Date || rest == 0 ? day : $"{day}T{clock}";
    }

    /// <summary>A date that is stored as text.</summary>
    public static string IsoDate(string stored) => Midnight().Replace(stored.Trim(), "");

    /// <summary>Text whose control characters are written as _x000D_.</summary>
    public static string Unescape(string text) => !text.Contains("_x", StringComparison.Ordinal)
        ? text
        : Escaped().Replace(text, found => ((char)Convert.ToInt32(found.Groups[1].Value, 16)).ToString());

    private static bool TryRead(string stored, out double number) =>
        double.TryParse(stored, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static string Day(long days, bool is1904)
    {
        if (days == 60 && !is1904) return "1900-02-29";
        var start = is1904 ? From1904 : days < 60 ? Before1900 : After1900;
        var most = (DateTime.MaxValue.Date - start).TotalDays;
        return start.AddDays(Math.Min(days, most)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("T00:00(:00(\\.0+)?)?Z?$")]
    private static partial Regex Midnight();

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex Escaped();
}
