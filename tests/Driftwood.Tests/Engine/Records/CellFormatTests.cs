using System.Globalization;
using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Tests.Engine.Records;

/// <summary>Dates and numbers in the formats of files that differ from those of requests.</summary>
public sealed class CellFormatTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("28-02-1990", "1990-02-28", null)]
    [InlineData("02/28/1990", null, "1990-02-28")]
    [InlineData("1.3.1990", "1990-03-01", "1990-01-03")]
    [InlineData("01/03/1990", "1990-03-01", "1990-01-03")]
    [InlineData("29.02.2024", "2024-02-29", null)]
    [InlineData("28/02/1990 00:00", "1990-02-28", null)]
    [InlineData("2/28/1990 12:00:00 AM", null, "1990-02-28")]
    [InlineData("29.02.2023", null, null)]
    [InlineData("31.02.1990", null, null)]
    [InlineData("13/13/1990", null, null)]
    [InlineData("28-02-90", null, null)]
    [InlineData("28/02-1990", null, null)]
    [InlineData("28 02 1990", null, null)]
    [InlineData("28. 2. 1990", null, null)]
    [InlineData("28/02/19900", null, null)]
    [InlineData("028/02/1990", null, null)]
    [InlineData("28/02/1990 12:00", null, null)]
    [InlineData("28/02/1990x", null, null)]
    [InlineData("0/3/1990", null, null)]
    [InlineData("32932", null, null)]
    [InlineData("32932.5", null, null)]
    public void The_order_of_day_and_month_is_the_files(string value, string? dayFirst, string? monthFirst)
    {
        Check(FieldKind.Date, value, new(DateFormat.DayMonthYear, false), dayFirst, "invalid_date");
        Check(FieldKind.Date, value, new(DateFormat.MonthDayYear, false), monthFirst, "invalid_date");
        Check(FieldKind.Date, value, default, null, "invalid_date");
    }

    [Theory]
    [InlineData("1990-02-28", "1990-02-28")]
    [InlineData("1990/2/8", "1990-02-08")]
    [InlineData("28 Feb 1990", "1990-02-28")]
    [InlineData("28 FEBRUARY 1990", "1990-02-28")]
    [InlineData("28-feb-1990", "1990-02-28")]
    [InlineData("28. Feb. 1990", "1990-02-28")]
    [InlineData("1 Sept 1990", "1990-09-01")]
    [InlineData("Feb 28, 1990", "1990-02-28")]
    [InlineData("February 28 1990", "1990-02-28")]
    [InlineData("Feb\u00A028,\u202F1990", "1990-02-28")]
    [InlineData("May 1, 1990 00:00:00", "1990-05-01")]
    [InlineData("28Feb1990", null)]
    [InlineData("28 Fe 1990", null)]
    [InlineData("28 Febru1990", null)]
    [InlineData("28 Februarys 1990", null)]
    [InlineData("30 Feb 1990", null)]
    [InlineData("28 Feb 90", null)]
    [InlineData("Feb 1990", null)]
    [InlineData("Feb", null)]
    [InlineData("28 f\u00E9vrier 1990", "1990-02-28")]
    [InlineData("28 f\u00E9 1990", null)]
    public void What_cannot_be_read_two_ways_is_read_in_every_format(string value, string? stored)
    {
        foreach (var format in Enum.GetValues<DateFormat>()) Check(FieldKind.Date, value, new(format, false), stored, "invalid_date");
    }

    [Theory]
    [InlineData("15/06/2025 14:30", "2025-06-15T14:30:00.000000Z")]
    [InlineData("15.06.2025", "2025-06-15T00:00:00.000000Z")]
    [InlineData("15-06-2025T14:30:05.25+02:00", "2025-06-15T12:30:05.250000Z")]
    [InlineData("15/06/2025, 2:30 PM", "2025-06-15T14:30:00.000000Z")]
    [InlineData("15/06/2025 2:30:05\u202Fpm", "2025-06-15T14:30:05.000000Z")]
    [InlineData("15/06/2025 12:00AM", "2025-06-15T00:00:00.000000Z")]
    [InlineData("15/06/2025 12:00 PM", "2025-06-15T12:00:00.000000Z")]
    [InlineData("15 Jun 2025 9:05 -0430", "2025-06-15T13:35:00.000000Z")]
    [InlineData("2025-06-15 14:30:00 UTC", "2025-06-15T14:30:00.000000Z")]
    [InlineData("2025-06-15t14:30:00.123456789z", "2025-06-15T14:30:00.123456Z")]
    [InlineData("15/06/2025 14:30 PM", null)]
    [InlineData("15/06/2025 0:30 AM", null)]
    [InlineData("15/06/2025 24:00", null)]
    [InlineData("15/06/2025 14:60", null)]
    [InlineData("15/06/2025 14:30:60", null)]
    [InlineData("15/06/2025 14", null)]
    [InlineData("15/06/2025 14:3", null)]
    [InlineData("15/06/2025 14:30:00.", null)]
    [InlineData("15/06/2025 14:30+2", null)]
    [InlineData("15/06/2025 14:30+15:00", null)]
    [InlineData("15/06/2025 14:30 CET", null)]
    [InlineData("15/06/202514:30", null)]
    [InlineData("06/15/2025 14:30", null)]
    [InlineData("45823.6", null)]
    public void A_time_may_follow_where_the_field_has_one(string value, string? stored) =>
        Check(FieldKind.DateTime, value, new(DateFormat.DayMonthYear, false), stored, "invalid_date");

    [Theory]
    [InlineData("1.234.567,50", "1234567.50")]
    [InlineData("1234567,5", "1234567.5")]
    [InlineData("1 234 567,50", "1234567.50")]
    [InlineData("1\u00A0234\u00A0567,50", "1234567.50")]
    [InlineData("-1\u202F234,5", "-1234.5")]
    [InlineData("1.234", "1234")]
    [InlineData("0,125", "0.125")]
    [InlineData(",5", "0.5")]
    [InlineData("+5", "5")]
    [InlineData("12.5", null)]
    [InlineData("1.23", null)]
    [InlineData("1,234.5", null)]
    [InlineData("1,234,567", null)]
    [InlineData("1.234 567,5", null)]
    [InlineData("1 234.567", null)]
    [InlineData("0.125", null)]
    [InlineData("1234.567", null)]
    [InlineData("1.234,5.0", null)]
    [InlineData("1,", "1")]
    [InlineData(",", null)]
    [InlineData("5,0 \u20AC", null)]
    [InlineData("5%", null)]
    public void A_decimal_may_have_a_comma(string value, string? stored) =>
        Check(FieldKind.Decimal, value, new(default, true), stored, "invalid_decimal");

    [Theory]
    [InlineData("1 234", "1234")]
    [InlineData("-1\u00A0234\u00A0567", "-1234567")]
    [InlineData("12\u2009345", "12345")]
    [InlineData("1 23", null)]
    [InlineData("1  234", null)]
    [InlineData("1\t234", null)]
    [InlineData("1 234,567", null)]
    [InlineData("0 125", null)]
    [InlineData("- 5", null)]
    public void Spaces_separate_thousands_in_every_format(string value, string? stored)
    {
        Check(FieldKind.Integer, value, default, stored, "invalid_integer");
        Check(FieldKind.Decimal, value, default, stored, "invalid_decimal");
        if (stored is not null) Check(FieldKind.Decimal, value, new(default, true), stored, "invalid_decimal");
    }

    [Theory]
    [InlineData("1.234.567", "1234567")]
    [InlineData("1.234,0", null)]
    [InlineData("1,234", null)]
    public void An_integer_of_such_a_file_has_points_between_its_thousands(string value, string? stored) =>
        Check(FieldKind.Integer, value, new(default, true), stored, "invalid_integer");

    [Fact]
    public void A_refusal_names_the_format_that_was_expected()
    {
        foreach (var kind in new[] { FieldKind.Date, FieldKind.DateTime })
        {
            Assert.Contains(
                "dd-mm-yyyy", Read(kind, "02/28/1990", new(DateFormat.DayMonthYear, false)).Fault!.Message, StringComparison.Ordinal);
            Assert.Contains(
                "mm-dd-yyyy", Read(kind, "28/02/1990", new(DateFormat.MonthDayYear, false)).Fault!.Message, StringComparison.Ordinal);
        }

        Assert.Contains("decimal comma", Read(FieldKind.Decimal, "12.5", new(default, true)).Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Agrees_with_the_frameworks_calendar_on_whatever_looks_like_a_date()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (var i = 0; i < 100_000; i++)
        {
            var mark = "-/."[random.Next(3)];
            var value = FormattableString.Invariant($"{random.Next(0, 34)}{mark}{random.Next(0, 34):00}{mark}{random.Next(0, 2100):0000}");
            foreach (
                var (format, pattern) in new[] { (DateFormat.DayMonthYear, $"d'{mark}'M'{mark}'yyyy"),
                (DateFormat.MonthDayYear, $"M'{mark}'d'{mark}'yyyy") })
            {
                string? expected = DateOnly.TryParseExact(value, pattern, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                    ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
                if (Read(FieldKind.Date, value, new(format, false)).Stored != expected)
                {
                    Assert.Fail($"{value} as {format}: expected {expected ?? "a fault"}");
                }
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated_for_good_values()
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        Field date = new("d", "D", FieldKind.Date);
        Field time = new("t", "T", FieldKind.DateTime);
        Field number = new("n", "N", FieldKind.Decimal);
        CellFormat format = new(DateFormat.DayMonthYear, true);
        var before = 0L;
        for (var i = 0; i < 200; i++)
        {
            if (i == 100) before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(CellReader.TryRead(date, "28/02/1990"u8, scratch, out _, out _, format));
            Assert.True(CellReader.TryRead(time, "28 Feb 1990 2:30 PM"u8, scratch, out _, out _, format));
            Assert.True(CellReader.TryRead(number, "1.234.567,50"u8, scratch, out _, out _, format));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Check(FieldKind kind, string value, CellFormat format, string? stored, string code)
    {
        var (found, fault) = Read(kind, value, format);
        Assert.Equal(stored, found);
        Assert.Equal(stored is null ? code : null, fault?.Code);
    }

    private static (string? Stored, Fault? Fault) Read(FieldKind kind, string value, CellFormat format)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        return CellReader.TryRead(new Field("f", "F", kind), Encoding.UTF8.GetBytes(value), scratch, out var stored, out var fault, format)
            ? (Encoding.UTF8.GetString(stored), fault)
            : (null, fault);
    }
}
