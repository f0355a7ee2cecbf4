using System.Globalization;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.Calendar;

/// <summary>Dates and times as people write them, in the form in which they are stored.</summary>
internal static class Dates
{
    /// <summary>
    /// Numbers with the same <c>-</c>, <c>/</c> or <c>.</c> between them, where the four-digit year is in its place or first; or
    /// the month by its name. A time after the date is ignored, but only if it is midnight.
    /// </summary>
    public static bool TryDate(ReadOnlySpan<byte> value, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        var text = new DateText(value) { TwoDigitYears = format.TwoDigitYears };
        if (!text.TryDate(format.Dates, out var date)) return false;
        if (!text.IsAtEnd
            && !(text.TryTime(out var time, out var offset) && text.IsAtEnd && time == TimeSpan.Zero && offset == TimeSpan.Zero))
        {
            return false;
        }

        stored = date.TryFormat(scratch, out var written, "yyyy-MM-dd", CultureInfo.InvariantCulture) ? scratch[..written] : default;
        return true;
    }

    /// <summary>A date with or without a time. Without an offset it is UTC. Digits beyond the microsecond are cut off.</summary>
    public static bool TryDateTime(ReadOnlySpan<byte> value, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!TryMoment(value, format, out var moment)) return false;
        stored = moment.TryFormat(scratch, out var written, "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)
            ? scratch[..written]
            : default;
        return true;
    }

    /// <summary>Whether <see cref="TryDateTime"/> accepts the value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="format">The order of the parts of a date.</param>
    /// <param name="twoDigitYears">Years may have two digits.</param>
    public static bool IsDateTime(ReadOnlySpan<byte> value, DateFormat format, bool twoDigitYears = false) =>
        TryMoment(value, new CellFormat(format, false) { TwoDigitYears = twoDigitYears ? 0 : null }, out _);

    /// <summary>Whether the value is a day and a month without a year.</summary>
    public static bool IsYearless(ReadOnlySpan<byte> value) =>
        value.Length is >= 3 and <= 20 && (value[0] == '-' || char.IsAsciiLetterOrDigit((char)value[0]))
        && new DateText(value).TryYearless();

    /// <summary>Whether the value is a date whose year has two digits, whatever the order of its parts.</summary>
    public static bool HasTwoDigitYear(ReadOnlySpan<byte> value)
    {
        if (value.Length is < 6 or > 30) return false;
        foreach (var order in (ReadOnlySpan<DateFormat>)[DateFormat.DayMonthYear, DateFormat.MonthDayYear, DateFormat.YearMonthDay])
        {
            if (TryMoment(value, new CellFormat(order, false) { TwoDigitYears = 0 }, out _)) return !IsDateTime(value, order);
        }

        return false;
    }

    private static bool TryMoment(ReadOnlySpan<byte> value, CellFormat format, out DateTime moment)
    {
        moment = default;
        var text = new DateText(value) { TwoDigitYears = format.TwoDigitYears };
        if (!text.TryDate(format.Dates, out var date)) return false;
        var (time, offset) = (TimeSpan.Zero, TimeSpan.Zero);
        if (!text.IsAtEnd && !(text.TryTime(out time, out offset) && text.IsAtEnd)) return false;
        var ticks = date.ToDateTime(TimeOnly.MinValue).Ticks + time.Ticks - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return false;
        moment = new DateTime(ticks);
        return true;
    }
}
