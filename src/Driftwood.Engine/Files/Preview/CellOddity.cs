namespace Driftwood.Engine.Files.Preview;

/// <summary>A way in which a cell is not what it seems.</summary>
/// <param name="Code">The code of the warning about it.</param>
/// <param name="Marker">The place of a null marker in its list; else -1.</param>
public readonly record struct CellOddity(string Code, int Marker)
{
    /// <summary>A day and a month without a year.</summary>
    public static CellOddity DateWithoutYear { get; } = new("date_without_year", -1);

    /// <summary>A date whose century is not known.</summary>
    public static CellOddity TwoDigitYear { get; } = new("two_digit_year", -1);

    /// <summary>A number of which a spreadsheet has dropped digits.</summary>
    public static CellOddity ShortenedNumber { get; } = new("shortened_number", -1);

    /// <summary>Several values, of which only the first is taken.</summary>
    public static CellOddity SeveralValues { get; } = new("multiple_values", -1);

    /// <summary>Several phone numbers, of which a phone field takes the first.</summary>
    public static CellOddity SeveralPhones { get; } = new("multiple_phones", -1);

    /// <summary>A cell that stands for no value.</summary>
    public static CellOddity NullMarker(int index) => new("null_value", index);
}

/// <summary>The cells of a column that are odd in one way.</summary>
/// <param name="Count">Their number.</param>
/// <param name="FirstLine">The physical line of the first, from 1.</param>
public sealed record OddCells(long Count, long FirstLine);
