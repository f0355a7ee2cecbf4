using System.Globalization;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Calendar;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Moments in time, to the microsecond. A value without an offset is UTC.</summary>
internal sealed class DateTimeType() : FieldType(FieldKind.DateTime)
{
    public override string SqlType => "timestamptz";

    public override string JsonFormat => "date-time";

    public override string Expected => "a string such as 2025-06-15T14:30:00Z";

    public override IReadOnlyList<FilterOperator> Operators => OrderOperators;

    internal override bool HasOneSpelling => true;

    internal override object? Example(IReadOnlyList<string> options) => new DateTime(2025, 6, 15, 14, 30, 0, DateTimeKind.Utc);

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) =>
        new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(number % 1_000_000_000);

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        Dates.TryDateTime(value, format, scratch, out stored) ? null : Unread(value, format) ?? Refused(value, format.Dates);

    /// <summary>Why a value that looks like a date is none: it lacks a year, or its century.</summary>
    internal static Fault? Unread(ReadOnlySpan<byte> value, CellFormat format)
    {
        if (format.IsFile && Dates.IsYearless(value)) return CellFaults.DateWithoutYear;
        return format.TwoDigitYears is null && Dates.HasTwoDigitYear(value)
            ? new Fault(
                "invalid_date",
                $"Found {CellFaults.Shown(value)}, whose year has two digits; expected four"
                + (format.IsFile ? ", or the setting two_digit_years to tell the century." : "."))
            : null;
    }

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetDateTime(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => Write(writer, (DateTime)value);

    internal override void WriteCustom(Utf8JsonWriter writer, JsonElement value) => Write(writer, value.GetDateTime());

    private static void Write(Utf8JsonWriter writer, DateTime utc) =>
        writer.WriteStringValue(utc.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture));

    private static Fault Refused(ReadOnlySpan<byte> value, DateFormat format)
    {
        var expected = format switch
        {
            DateFormat.DayMonthYear => "one such as 15-06-2025 14:30 (dd-mm-yyyy) or 2025-06-15T14:30:00Z",
            DateFormat.MonthDayYear => "one such as 06-15-2025 14:30 (mm-dd-yyyy) or 2025-06-15T14:30:00Z",
            _ => "one such as 2025-06-15T14:30:00Z",
        };
        return CellFaults.Refused("invalid_date", value, "is not a date and time", expected);
    }
}
