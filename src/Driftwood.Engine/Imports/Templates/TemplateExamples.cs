using System.Security.Cryptography;
using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Templates;

/// <summary>
/// The values of a template's example row. Those that rows are matched on, or that must be unique, are random, so that the row makes a
/// record of its own.
/// </summary>
internal sealed class TemplateExamples(RecordType type)
{
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

    private readonly uint _number = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    /// <summary>A value of a field; null for the id of another record, which only the caller knows.</summary>
    public object? Of(Field field)
    {
        string[] options = [.. field.Options.Where(IsPlain)];
        if (field.Unique || type.MatchFields.Contains(field.Key))
            return field.Key == "external_id" ? $"EXAMPLE-{_number:X8}" : field.Type.UniqueExample(_number, options);
        return !field.IsCustom && BuiltIn.TryGetValue(field.Key, out var known) ? known : field.Type.Example(options);
    }

    // In a CSV file, an option such as "=" gets an apostrophe, and one such as n/a seems to stand for no value.
    private static bool IsPlain(string option) =>
        !FormulaGuard.Applies(Encoding.UTF8.GetBytes(option)) && option[0] != '\'' && !ColumnNames.NullMarkers.Contains(option);
}
