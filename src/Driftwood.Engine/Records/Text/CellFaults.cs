using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Records.Text;

/// <summary>Why the value of a cell is refused.</summary>
internal static class CellFaults
{
    internal static readonly Fault Email = new("invalid_email", "Not an e-mail address; expected one such as jane@example.com.");
    internal static readonly Fault Phone = new("invalid_phone", "Not a phone number; expected 3 to 20 digits with an optional leading +, separators and extension.");
    internal static readonly Fault Url = new("invalid_url", "Not a web address; expected one such as https://www.example.com or www.example.com.");
    internal static readonly Fault Domain = new("invalid_url", "Not a domain; expected one such as example.com.");
    internal static readonly Fault Integer = new("invalid_integer", "Not a whole number between -9223372036854775808 and 9223372036854775807.");
    internal static readonly Fault Boolean = new("invalid_boolean", "Not a yes or no; expected true, false, yes, no, y, n, 1, 0, on or off.");
    internal static readonly Fault Reference = new("not_found", "Not the id of a record of this account.");
    internal static readonly Fault Characters = new("invalid_characters", "Holds a NUL, or bytes that are not text in the encoding expected.");
    internal static readonly Fault TooManyTags = new("too_long", "More than 100 tags; a record has at most 100.");
    internal static readonly Fault TagTooLong = new("too_long", "A tag is longer than 100 characters.");

    internal static Fault Date(DateFormat format) => new("invalid_date", format switch
    {
        DateFormat.DayMonthYear => "Not a date; expected day-month-year (dd-mm-yyyy) such as 28-02-1990, or year-month-day.",
        DateFormat.MonthDayYear => "Not a date; expected month-day-year (mm-dd-yyyy) such as 02-28-1990, or year-month-day.",
        _ => "Not a date; expected year-month-day such as 1990-02-28.",
    });

    internal static Fault DateTime(DateFormat format) => new("invalid_date", format switch
    {
        DateFormat.DayMonthYear => "Not a date and time; expected one such as 15-06-2025 14:30 (dd-mm-yyyy) or 2025-06-15T14:30:00Z.",
        DateFormat.MonthDayYear => "Not a date and time; expected one such as 06-15-2025 14:30 (mm-dd-yyyy) or 2025-06-15T14:30:00Z.",
        _ => "Not a date and time; expected one such as 2025-06-15T14:30:00Z.",
    });

    internal static Fault Decimal(bool decimalComma) => new("invalid_decimal", decimalComma
        ? "Not a number; expected at most 28 digits with an optional decimal comma, thousands separated by points, by spaces or not at all."
        : "Not a number; expected at most 28 digits with an optional decimal point, thousands separated by commas, by spaces or not at all.");

    /// <summary>The first options are named; there may be hundreds.</summary>
    internal static Fault Choice(IReadOnlyList<string> options)
    {
        const int Named = 20;
        var more = options.Count > Named ? $" or one of {options.Count - Named} more" : "";
        return new Fault("invalid_choice", $"Not one of the field's options; expected {string.Join(", ", options.Take(Named))}{more}.");
    }

    internal static Fault TooLong(int maxLength) =>
        new("too_long", FormattableString.Invariant($"Longer than {maxLength} characters."));
}
