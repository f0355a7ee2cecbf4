using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Counts how the dates and numbers of a column are written, over all rows of a file.</summary>
public sealed class ColumnForms
{
    // A column of text is given up after this many values if less than half of them are dates or numbers.
    private const int Trial = 1_000;

    private readonly long[] _dates = new long[Enum.GetValues<DateFormat>().Length];
    private bool _isText;

    /// <summary>Values that are not blank.</summary>
    public long Values { get; private set; }

    /// <summary>Dates that fit both the day first and the month first, but not the year first.</summary>
    public long AmbiguousDates { get; private set; }

    /// <summary>The physical line of the first ambiguous date, from 1; 0 if there is none.</summary>
    public long FirstAmbiguousLine { get; private set; }

    /// <summary>Values that are numbers, with a decimal point or with a decimal comma.</summary>
    public long Numbers { get; private set; }

    /// <summary>Values that are numbers only with a decimal point.</summary>
    public long WithPoint { get; private set; }

    /// <summary>Values that are numbers only with a decimal comma.</summary>
    public long WithComma { get; private set; }

    /// <summary>Values that are dates, or dates with times, in a format.</summary>
    public long Dates(DateFormat format) => _dates[(int)format];

    /// <summary>Counts a value.</summary>
    internal void Add(ReadOnlySpan<byte> value, long line)
    {
        if (_isText) return;
        value = Blank.Trim(value);
        if (value.IsEmpty) return;
        Values++;
        // Digits alone are not a date, and they do not tell a decimal point from a decimal comma.
        if (!value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) Numbers++;
        else if (!AddDate(value, line)) AddNumber(value);
        _isText = Values == Trial && 2 * (_dates.Max() + Numbers) < Trial;
    }

    private bool AddDate(ReadOnlySpan<byte> value, long line)
    {
        if (Records.Text.Dates.IsDateTime(value, DateFormat.YearMonthDay))
        {
            foreach (ref var count in _dates.AsSpan()) count++;
            return true;
        }

        if (!char.IsAsciiDigit((char)value[0])) return false;
        var dayFirst = Records.Text.Dates.IsDateTime(value, DateFormat.DayMonthYear);
        var monthFirst = Records.Text.Dates.IsDateTime(value, DateFormat.MonthDayYear);
        if (dayFirst) _dates[(int)DateFormat.DayMonthYear]++;
        if (monthFirst) _dates[(int)DateFormat.MonthDayYear]++;
        if (dayFirst && monthFirst && AmbiguousDates++ == 0) FirstAmbiguousLine = line;
        return dayFirst || monthFirst;
    }

    private void AddNumber(ReadOnlySpan<byte> value)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var withPoint = Records.Text.Numbers.TryDecimal(value, decimalComma: false, scratch, out _);
        var withComma = Records.Text.Numbers.TryDecimal(value, decimalComma: true, scratch, out _);
        if (!withPoint && !withComma) return;
        Numbers++;
        if (!withComma) WithPoint++;
        if (!withPoint) WithComma++;
    }
}
