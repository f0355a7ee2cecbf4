using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Tests.Features.Imports.Writers;

/// <summary>
/// One table of data. Its values have the kinds that a spreadsheet has: text, numbers, booleans, dates and blanks. The program that writes
/// it says how.
/// </summary>
internal static class WriterTable
{
    public static readonly string[] Columns =
    [
        "email", "external_id", "first_name", "birthday", "phone", "city", "description", "code", "score", "visits", "active", "seen",
    ];

    /// <summary>The custom fields and their kinds.</summary>
    public static readonly (string Key, string Kind)[] Fields =
        [("code", "text"), ("score", "decimal"), ("visits", "integer"), ("active", "boolean"), ("seen", "datetime")];

    public static readonly object?[][] Rows =
    [
        [
            "ida@example.com", "12345678901234567", "Ida", Day(1990, 2, 28), "00123", "Oslo, Norway", "say \"hi\", or 'hi'; a|b\tc",
            "1234567890123456", 1250.5m, 7L, true, new DateTime(2025, 6, 15, 14, 30, 5),
        ],
        [
            "zoe@example.com", "0017", "Zoë Müller-Øst 👩‍👩‍👧 🇳🇴", Day(2000, 2, 29), "+47 21 00 00 01", "Åre",
            "two\nlines\n\nand <b>&amp; \"more\"",
            "00123", -0.25m, 0L, false, new DateTime(2000, 2, 29, 0, 0, 0),
        ],
        ["bad", null, "Bob", Day(1985, 12, 31), null, "Rome", null, "TRUE", 3m, 1L, true, null],
        ["IDA@example.com", null, "Other", null, "0047 21 00 00 02", null, null, null, null, null, null, null],
        [null, "only-this", null, null, null, null, null, null, null, null, null, null],
        ["many@example.com", null, "Many", null, null, null, null, "1e5", null, "many", null, null],
        ["date@example.com", null, "Date", "no date", null, null, null, "2/3", null, null, null, null],
        ["both@example.com", null, "Both", "31.31.2000", null, null, null, "-", 12.125m, "1.5", "perhaps", null],
        [
            "far@example.com", "99999999999999999", "Far", Day(2199, 12, 31), "21 00 00 03", "Kraków", "–", "007", 123456789.25m,
            123456789012345L, false, new DateTime(1999, 12, 31, 23, 59, 59),
        ],
        ["early@example.com", null, "李雷", Day(1900, 3, 1), "4721000004", "Ω", "a\\b\\n", "=", 0.1m, -42L, true, null],
    ];

    /// <summary>The table as CSV, with every cell of text in quotes: LibreOffice takes those as text.</summary>
    public static string Csv()
    {
        var csv = new StringBuilder().Append(string.Join(',', Columns)).Append('\n');
        foreach (var row in Rows) csv.Append(string.Join(',', row.Select(Quoted))).Append('\n');
        return csv.ToString();
    }

    /// <summary>The table as an object on each line, without the members that are blank.</summary>
    public static string JsonLines()
    {
        var lines = new StringBuilder();
        foreach (var row in Rows)
        {
            JsonObject line = [];
            foreach (var (column, value) in Columns.Zip(row))
            {
                if (value is not null) line[column] = value is DateTime time ? TextOf(time) : JsonSerializer.SerializeToNode(value);
            }

            lines.Append(line.ToJsonString()).Append('\n');
        }

        return lines.ToString();
    }

    private static DateTime Day(int year, int month, int day) => new(year, month, day);

    private static string Quoted(object? value) =>
        value is string text ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : TextOf(value);

    private static string TextOf(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "TRUE" : "FALSE",
        DateTime { TimeOfDay.Ticks: 0 } day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
