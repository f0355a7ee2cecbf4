using System.Text;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Records.Text;

/// <summary>The faults that values of any kind can have. Each kind of field has additional faults.</summary>
internal static class CellFaults
{
    private const int MaxShown = 60;

    public static readonly Fault Characters =
        new("invalid_characters", "Holds a NUL, or bytes that are not text in the encoding expected.");

    public static readonly Fault TooManyTags = new(
        "too_long", $"Found more than {TagSet.MaxTags} tags; expected at most {TagSet.MaxTags}.");

    /// <summary>A warning: the cell is read as blank.</summary>
    public static readonly Fault DateWithoutYear =
        new("date_without_year", "A day and a month without a year; the field is left blank, and the rest of the row is kept.");

    public static Fault TooLong(int length, int maxLength) =>
        new("too_long", FormattableString.Invariant($"Found {length} characters; expected at most {maxLength}."));

    public static Fault TagTooLong(int length) => new(
        "too_long", FormattableString.Invariant($"Found a tag of {length} characters; expected at most {TagSet.MaxTagLength}."));

    /// <summary>A value that is refused: what was found, what it is, and what would be right.</summary>
    public static Fault Refused(string code, ReadOnlySpan<byte> value, string flaw, string expected) =>
        new(code, $"Found {Shown(value)}, which {flaw}; expected {expected}.");

    /// <summary>A warning: the first of several values is taken.</summary>
    public static Fault MultipleValues(ReadOnlySpan<byte> rest) =>
        new("multiple_values", $"Several values in one cell: the first is taken, and {Shown(rest)} is left.");

    /// <summary>A key that a spreadsheet has shortened may be that of another record.</summary>
    public static Fault Shortened(ReadOnlySpan<byte> value) => new(
        "shortened_number",
        $"Found {Shown(value)}, which a spreadsheet has shortened; rows are matched on all digits, so format the column as text and "
        + "export it again.");

    /// <summary>Whether a fault does not refuse the value: it is blank, or its first part is stored.</summary>
    public static bool IsWarning(Fault fault) => fault.Code is "date_without_year" or "multiple_values";

    /// <summary>A value as a message shows it.</summary>
    public static string Shown(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value.Length > MaxShown * 4 ? value[..(MaxShown * 4)] : value);
        if (text.Length <= MaxShown) return text;
        return text[..(char.IsHighSurrogate(text[MaxShown - 1]) ? MaxShown - 1 : MaxShown)] + "…";
    }
}
