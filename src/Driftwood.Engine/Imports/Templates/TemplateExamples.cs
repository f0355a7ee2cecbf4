using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Templates;

/// <summary>
/// The values of a template's example row. Those that rows are matched on, or that must be unique, are random, so that the row makes a
/// record of its own.
/// </summary>
internal sealed class TemplateExamples(RecordType type)
{
    private const int TokenBytes = 4;

    private static readonly Dictionary<string, object> BuiltIn = new()
    {
        ["first_name"] = "Jane",
        ["last_name"] = "Smith",
        ["job_title"] = "Head of Sales",
        ["company_name"] = "Example Company",
        ["linkedin_url"] = "https://www.linkedin.com/in/jane-smith",
        ["address"] = "1 High Street",
        ["city"] = "London",
        ["state"] = "Greater London",
        ["postal_code"] = "SW1A 1AA",
        ["country"] = "United Kingdom",
        ["birthday"] = new DateOnly(1990, 2, 28),
        ["industry"] = "Software",
        ["employee_count"] = 25L,
        ["annual_revenue"] = 1_250_000.5m,
        ["kind"] = "Website",
        ["description"] = "An example. Replace this row with your own.",
    };

    private readonly string _token = RandomNumberGenerator.GetHexString(TokenBytes * 2, lowercase: true);

    /// <summary>A value of a field; null for the id of another record, which only the caller knows.</summary>
    public object? Of(Field field)
    {
        if (field.Unique || type.MatchFields.Contains(field.Key)) return Unlike(field);
        return !field.IsCustom && BuiltIn.TryGetValue(field.Key, out var known) ? known : Plain(field);
    }

    private object? Unlike(Field field) => field.Kind switch
    {
        FieldKind.Text => field.Key == "external_id" ? $"EXAMPLE-{_token.ToUpperInvariant()}" : $"Example {_token}",
        FieldKind.Email => $"jane.smith.{_token}@example.com",
        FieldKind.Domain => $"{_token}.example.com",
        FieldKind.Url => $"https://www.example.com/{_token}",
        FieldKind.Phone => string.Create(CultureInfo.InvariantCulture, $"0044 20 {Digits(10_000_000, 100_000_000)}"),
        FieldKind.Integer => (long)Digits(100_000_000, 1_000_000_000),
        FieldKind.Decimal => Digits(100_000_000, 1_000_000_000) + 0.5m,
        FieldKind.Date => DateOnly.FromDayNumber(new DateOnly(1900, 1, 1).DayNumber + Digits(0, 50_000)),
        FieldKind.DateTime => new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(Digits(0, 1_000_000_000)),
        _ => Plain(field),
    };

    private static object? Plain(Field field) => field.Kind switch
    {
        FieldKind.Text => "Example text",
        FieldKind.Email => "jane.smith@example.com",
        FieldKind.Domain => "example.com",
        FieldKind.Url => "https://www.example.com",
        // A spreadsheet would take a leading + for a formula or drop it.
        FieldKind.Phone => "0044 20 7946 0123",
        FieldKind.Integer => 25L,
        FieldKind.Decimal => 12.5m,
        FieldKind.Boolean => "yes",
        FieldKind.Date => new DateOnly(2025, 6, 15),
        FieldKind.DateTime => new DateTime(2025, 6, 15, 14, 30, 0, DateTimeKind.Utc),
        FieldKind.Choice => field.Options.FirstOrDefault(IsPlain),
        FieldKind.Tags => "VIP,Newsletter",
        FieldKind.Reference or FieldKind.Id => null,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field.Kind, null),
    };

    // In a CSV file, an option such as "=" gets an apostrophe, and one such as n/a seems to stand for no value.
    private static bool IsPlain(string option) =>
        !FormulaGuard.Applies(Encoding.UTF8.GetBytes(option)) && option[0] != '\'' && !ColumnNames.NullMarkers.Contains(option);

    private static int Digits(int from, int below) => RandomNumberGenerator.GetInt32(from, below);
}
