using System.Text;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Words;

namespace Driftwood.Engine.Records.Calendar;

/// <summary>Reads a date, and then a time, from the beginning of a text.</summary>
internal ref struct DateText(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Two-digit years below it are in the 2000s, the others in the 1900s; null if years have four digits.</summary>
    public int? TwoDigitYears { get; init; }

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Reads a date that exists in the calendar.</summary>
    public bool TryDate(DateFormat format, out DateOnly date)
    {
        date = default;
        if (!TryParts(format, out var year, out var month, out var day)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    /// <summary>
    /// Reads a day and a month without a year, in any order: <c>--03-15</c>, <c>03/15</c>, <c>15.3.</c>, <c>15 March</c>.
    /// </summary>
    public bool TryYearless()
    {
        int day;
        if (TryMonth(out var month))
        {
            if (!SkipSeparatorOrWord() || !TryNumber(1, 2, out day)) return false;
            SkipDayEnding();
        }
        else if (TrySkip("--"u8))
        {
            if (!TryNumber(1, 2, out month)) return false;
            TrySkip("-"u8);
            if (!TryNumber(1, 2, out day)) return false;
        }
        else
        {
            if (!TryNumber(1, 2, out day)) return false;
            var afterDay = _rest;
            SkipDayEnding();
            if (SkipSeparatorOrWord() && TryMonth(out month)) return IsAtEnd && IsDay(month, day);
            _rest = afterDay;
            if (!TryMark(out var mark) || !TryNumber(1, 2, out month)) return false;
            TrySkip(mark);
            return IsAtEnd && (IsDay(month, day) || IsDay(day, month));
        }

        return IsAtEnd && IsDay(month, day);
    }

    // 2000 had a 29 February.
    private static bool IsDay(int month, int day) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(2000, month);

    /// <summary>Reads the separator after a date, and then a time: 24 or 12 hours, with or without an offset.</summary>
    public bool TryTime(out TimeSpan time, out TimeSpan offset)
    {
        (time, offset) = (default, default);
        if (!TrySkip("t"u8))
        {
            TrySkip(","u8);
            if (!SkipSpaces()) return false;
        }

        if (!TryNumber(1, 2, out var hour) || !TrySkip(":"u8) || !TryNumber(2, 2, out var minute)) return false;
        var (second, microsecond) = (0, 0);
        if (TrySkip(":"u8) && !(TryNumber(2, 2, out second) && TryFraction(out microsecond))) return false;
        SkipSpaces();
        if (!TryHalfOfDay(ref hour) || hour > 23 || minute > 59 || second > 59) return false;
        SkipSpaces();
        time = new TimeSpan(0, hour, minute, second, 0, microsecond);
        return TryOffset(out offset);
    }

    private bool TryParts(DateFormat format, out int year, out int month, out int day)
    {
        (year, day) = (0, 0);
        if (TryMonth(out month))
        {
            if (!SkipSeparatorOrWord() || !TryNumber(1, 2, out day)) return false;
            SkipDayEnding();
            return SkipSeparatorOrWord() && TryYear(out year);
        }

        var start = _rest;
        if (TryNumber(4, 4, out year))
        {
            return TryMark(out var mark) && TryNumber(1, 2, out month) && TrySkip(mark) && TryNumber(1, 2, out day);
        }

        if (!TryNumber(1, 2, out day)) return false;
        SkipDayEnding();
        if (SkipSeparatorOrWord() && TryMonth(out month)) return SkipSeparatorOrWord() && TryYear(out year);
        _rest = start;
        if (format == DateFormat.YearMonthDay)
        {
            return TwoDigitYears is not null && TryYear(out year)
                && TryMark(out var mark) && TryNumber(1, 2, out month) && TrySkip(mark) && TryNumber(1, 2, out day);
        }

        if (!TryNumber(1, 2, out var first) || !TryMark(out var between) || !TryNumber(1, 2, out var second)) return false;
        (day, month) = format == DateFormat.DayMonthYear ? (first, second) : (second, first);
        return TrySkip(between) && TryYear(out year);
    }

    // The whole name or its beginning: March, Mar, Sept., März.
    private bool TryMonth(out int month)
    {
        var length = LetterLength();
        month = length == 0 ? 0 : ValueWords.MonthOf(_rest[..length]);
        if (month > 0) _rest = _rest[length..];
        return month > 0;
    }

    // The separator next to the name of a month, and the word that some languages put there: 15 de marzo.
    private bool SkipSeparatorOrWord()
    {
        if (!SkipSeparator()) return false;
        var before = _rest;
        var length = LetterLength();
        if (length == 0 || !ValueWords.IsBetweenDateParts(_rest[..length])) return true;
        _rest = _rest[length..];
        if (!SkipSpaces()) _rest = before;
        return true;
    }

    // 15th, 1er, 1º.
    private void SkipDayEnding()
    {
        var length = LetterLength();
        if (length > 0 && ValueWords.IsAfterDay(_rest[..length])) _rest = _rest[length..];
    }

    private readonly int LetterLength()
    {
        var length = 0;
        while (length < _rest.Length && IsLetter(_rest[length..])) length++;
        return length;
    }

    private static bool IsLetter(ReadOnlySpan<byte> text) =>
        char.IsAsciiLetter((char)text[0]) || (text[0] >= 0x80 && Blank.SpaceLength(text) == 0);

    // Four digits, or two whose century the caller has said.
    private bool TryYear(out int year)
    {
        if (TryNumber(4, 4, out year)) return true;
        if (TwoDigitYears is not { } pivot || !TryNumber(2, 2, out year)) return false;
        year += year < pivot ? 2000 : 1900;
        return _rest.IsEmpty || !char.IsAsciiDigit((char)_rest[0]);
    }

    // In a date of numbers: the same mark on both sides of the month.
    private bool TryMark(out ReadOnlySpan<byte> mark)
    {
        mark = _rest[..Math.Min(1, _rest.Length)];
        return !mark.IsEmpty && "-/."u8.Contains(mark[0]) && TrySkip(mark);
    }

    // Next to the name of a month: 28-Feb-1990, Feb. 28, 1990.
    private bool SkipSeparator()
    {
        var hasMark = TrySkip("-"u8) || TrySkip("/"u8) || TrySkip("."u8) || TrySkip(","u8);
        return SkipSpaces() || hasMark;
    }

    private bool TryFraction(out int microsecond)
    {
        microsecond = 0;
        if (!TrySkip("."u8) && !TrySkip(","u8)) return true;
        var digits = 0;
        for (; digits < _rest.Length && char.IsAsciiDigit((char)_rest[digits]); digits++)
        {
            if (digits < 6) microsecond = (microsecond * 10) + (_rest[digits] - '0');
        }

        for (var i = digits; i < 6; i++) microsecond *= 10;
        _rest = _rest[digits..];
        return digits > 0;
    }

    // False if there is no such hour. True if the text has no AM or PM.
    private bool TryHalfOfDay(ref int hour)
    {
        var isMorning = TrySkip("am"u8);
        if (!isMorning && !TrySkip("pm"u8)) return true;
        if (hour is < 1 or > 12) return false;
        hour = (hour % 12) + (isMorning ? 0 : 12);
        return true;
    }

    // +02:00, +0200, +02, Z, UTC or GMT. No offset means UTC.
    private bool TryOffset(out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (IsAtEnd || TrySkip("z"u8) || TrySkip("utc"u8) || TrySkip("gmt"u8)) return true;
        var isWest = TrySkip("-"u8);
        if (!isWest && !TrySkip("+"u8)) return false;
        if (!TryNumber(2, 2, out var hours)) return false;
        var minutes = 0;
        if ((TrySkip(":"u8) || !IsAtEnd) && !TryNumber(2, 2, out minutes)) return false;
        if (hours > 14 || minutes > 59) return false;
        offset = new TimeSpan(hours, minutes, 0);
        if (isWest) offset = -offset;
        return true;
    }

    private bool TryNumber(int fewest, int most, out int number)
    {
        number = 0;
        var length = 0;
        for (; length < _rest.Length && length < most && char.IsAsciiDigit((char)_rest[length]); length++)
        {
            number = (number * 10) + (_rest[length] - '0');
        }

        if (length < fewest) return false;
        _rest = _rest[length..];
        return true;
    }

    private bool TrySkip(scoped ReadOnlySpan<byte> word)
    {
        if (_rest.Length < word.Length || !Ascii.EqualsIgnoreCase(_rest[..word.Length], word)) return false;
        _rest = _rest[word.Length..];
        return true;
    }

    private bool SkipSpaces()
    {
        var length = _rest.Length;
        while (Blank.SpaceLength(_rest) is > 0 and var space) _rest = _rest[space..];
        return _rest.Length < length;
    }
}
