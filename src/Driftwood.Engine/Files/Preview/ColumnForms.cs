using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Counts how the dates and numbers of a column are written, over all rows of a file.</summary>
public sealed class ColumnForms
{
    // A column of text is given up after this many values if less than half of them are dates or numbers.
    private const int Trial = 1_000;

    // Google Contacts writes several values of one cell so.
    private static readonly byte[] Several = " ::: "u8.ToArray();

    private readonly Dictionary<CellOddity, OddCells> _odd = [];
    private readonly long[] _dates = new long[Enum.GetValues<DateFormat>().Length];
    private bool _isText;

    /// <summary>Values that are neither blank nor null markers.</summary>
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

    /// <summary>The cells that are not what they seem, with their counts.</summary>
    public IReadOnlyDictionary<CellOddity, OddCells> Odd => _odd;

    /// <summary>Counts a value.</summary>
    /// <param name="value">A cell.</param>
    /// <param name="line">Its physical line, from 1.</param>
    /// <param name="markers">The cells that may stand for no value.</param>
    internal void Add(ReadOnlySpan<byte> value, long line, NullMarkers? markers = null)
    {
        value = Blank.Trim(value);
        if (value.IsEmpty) return;
        if (markers is not null && markers.IndexOf(value) is >= 0 and var marker)
        {
            AddOdd(CellOddity.NullMarker(marker), line);
            return;
        }

        // A date of zeros is blank. With fewer separators it may be a number.
        if (value[0] == '0' && CellText.IsZeroDate(value) && value.Count((byte)'0') < value.Length - 1) return;
        Values++;
        if (value.IndexOf(Several) > 0) AddOdd(CellOddity.SeveralValues, line);
        else if (IsSeveralPhones(value)) AddOdd(CellOddity.SeveralPhones, line);
        if (_isText) return;
        // Digits alone are not a date, and they do not tell a decimal point from a decimal comma.
        if (!value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) Numbers++;
        else if (!AddDate(value, line) && !AddNumber(value)) AddOther(value, line);
        _isText = Values == Trial && 2 * (_dates.Max() + Numbers) < Trial;
    }

    private static bool IsSeveralPhones(ReadOnlySpan<byte> value) =>
        (char.IsAsciiDigit((char)value[0]) || value[0] is (byte)'+' or (byte)'(') && SeveralPhones.IndexOfRest(value, out _) > 0;

    private bool AddDate(ReadOnlySpan<byte> value, long line)
    {
        if (Records.Calendar.Dates.IsDateTime(value, DateFormat.YearMonthDay))
        {
            foreach (ref var count in _dates.AsSpan()) count++;
            return true;
        }

        return char.IsAsciiDigit((char)value[0]) && AddOrder(value, line, twoDigitYears: false);
    }

    private bool AddOrder(ReadOnlySpan<byte> value, long line, bool twoDigitYears)
    {
        var dayFirst = Records.Calendar.Dates.IsDateTime(value, DateFormat.DayMonthYear, twoDigitYears);
        var monthFirst = Records.Calendar.Dates.IsDateTime(value, DateFormat.MonthDayYear, twoDigitYears);
        if (dayFirst) _dates[(int)DateFormat.DayMonthYear]++;
        if (monthFirst) _dates[(int)DateFormat.MonthDayYear]++;
        if (dayFirst && monthFirst && AmbiguousDates++ == 0) FirstAmbiguousLine = line;
        return dayFirst || monthFirst;
    }

    private bool AddNumber(ReadOnlySpan<byte> value)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var withPoint = Records.Text.Numbers.TryDecimal(value, decimalComma: false, scratch, out _);
        var withComma = Records.Text.Numbers.TryDecimal(value, decimalComma: true, scratch, out _);
        if (!withPoint && !withComma) return false;
        Numbers++;
        if (!withComma) WithPoint++;
        if (!withPoint) WithComma++;
        return true;
    }

    private void AddOther(ReadOnlySpan<byte> value, long line)
    {
        if (Records.Text.Numbers.IsShortened(value)) AddOdd(CellOddity.ShortenedNumber, line);
        else if (Records.Calendar.Dates.IsYearless(value)) AddOdd(CellOddity.DateWithoutYear, line);
        else if (Records.Calendar.Dates.HasTwoDigitYear(value))
        {
            AddOdd(CellOddity.TwoDigitYear, line);
            AddOrder(value, line, twoDigitYears: true);
        }
    }

    private void AddOdd(CellOddity oddity, long line) =>
        _odd[oddity] = _odd.TryGetValue(oddity, out var cells) ? cells with { Count = cells.Count + 1 } : new OddCells(1, line);
}
