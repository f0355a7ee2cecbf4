using System.Globalization;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Calendar;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Days of the calendar.</summary>
internal sealed class DateType() : FieldType(FieldKind.Date)
{
    public override string SqlType => "date";

    public override string JsonFormat => "date";

    public override string Expected => "a string such as 1990-02-28";

    public override IReadOnlyList<FilterOperator> Operators => OrderOperators;

    internal override bool HasOneSpelling => true;

    internal override object? Example(IReadOnlyList<string> options) => new DateOnly(2025, 6, 15);

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) =>
        new DateOnly(1900, 1, 1).AddDays((int)(number % 50_000));

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        Dates.TryDate(value, format, scratch, out stored) ? null : DateTimeType.Unread(value, format) ?? Refused(value, format.Dates);

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetFieldValue<DateOnly>(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) =>
        writer.WriteStringValue(((DateOnly)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static Fault Refused(ReadOnlySpan<byte> value, DateFormat format)
    {
        var expected = format switch
        {
            DateFormat.DayMonthYear => "day-month-year (dd-mm-yyyy) such as 28-02-1990, or year-month-day",
            DateFormat.MonthDayYear => "month-day-year (mm-dd-yyyy) such as 02-28-1990, or year-month-day",
            _ => "year-month-day such as 1990-02-28",
        };
        return CellFaults.Refused("invalid_date", value, "is not a date", expected);
    }
}
