using System.CommandLine;
using System.CommandLine.Parsing;
using Driftwood.Api.Client;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Api.Commands;

/// <summary>The command line of import.</summary>
internal sealed class ImportOptions
{
    public Argument<FileInfo> File { get; } = new Argument<FileInfo>("file")
    {
        Description = "CSV file of any common encoding, delimiter and line ending, also gzipped, an Excel workbook (.xlsx), or JSON "
            + "(.json, .jsonl).",
    }.AcceptExistingOnly();

    public Option<string> Type { get; } = new("--type")
    {
        Description = "What the rows are: contacts, companies or sources.",
        Required = true,
    };

    public FileFormOptions Form { get; } = new();

    public Option<string> Strategy { get; } = NewStrategy();

    public Option<string?> MatchOn { get; } = new("--match-on")
    {
        Description =
            "Field that tells whether a row is a record there already (default: the first mapped one of the type's own, such as email).",
        HelpName = "field",
    };

    public Option<string[]> Map { get; } = new("--map")
    {
        Description = "Maps a column other than suggested, such as --map \"Mail=email\"; \"Notes=\" leaves a column out. May be repeated.",
        HelpName = "column=field",
    };

    public Option<string?> TagDelimiter { get; } = new("--tag-delimiter") { Description = "What separates tags in a cell (default ,)." };

    public Option<string?> DateFormat { get; } = OneOf<DateFormat>(
        "--date-format", "How dates are written (default: as detected; the year first and months by name are read in any case).");

    public Option<bool?> DecimalComma { get; } = new("--decimal-comma")
    {
        Description = "Numbers have a decimal comma, 1.234.567,50; with false, a point (default: as detected in the file).",
        HelpName = "true|false",
    };

    public Option<int?> TwoDigitYears { get; } = new("--two-digit-years")
    {
        Description = "Years of two digits below this number are in the 2000s, the others in the 1900s (default: such years are refused).",
        HelpName = "0-99",
    };

    public Option<string?> PhoneCountry { get; } = new("--phone-country")
    {
        Description = "Country of phone numbers without a country code, such as DE (default: numbers stay as they are written).",
        HelpName = "country",
    };

    public Option<string[]> NullValue { get; } = new("--null-value")
    {
        Description = "A cell that stands for no value, such as NULL. May be repeated.",
        HelpName = "text",
    };

    public Option<string?> LinkCompanies { get; } = OneOf<LinkCompanies>(
        "--link-companies", "Contacts only: link with the companies that rows name, those that exist or missing ones too (default none).");

    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Find out what would become of each row, and write no record." };

    public Option<bool> Receipt { get; } = new("--receipt")
    {
        Description = "Write what became of each row beside the file (-results.csv), with its signed manifest (-manifest.json).",
    };

    public ServiceOptions Service { get; } = new();

    public Option<bool> Yes { get; } = new("--yes", "-y")
    {
        Description = "Do not ask whether the mapping is right; needed where nobody can answer.",
    };

    public ImportOptions()
    {
        Map.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.LastIndexOf('=') < 1))
                result.AddError($"--map {token.Value}: expected \"Column=field\".");
        });
    }

    public void AddTo(Command command)
    {
        command.Add(File);
        Option[] options =
            [Type, Strategy, MatchOn, Map, TagDelimiter, DateFormat, DecimalComma, TwoDigitYears, PhoneCountry, NullValue,
                LinkCompanies, DryRun, Receipt, Service.Url, Service.Token, Yes];
        foreach (var option in options) command.Add(option);
        Form.AddTo(command);
    }

    public FileImport Plan(ParseResult parsed) => new(
        parsed.GetRequiredValue(File),
        parsed.GetRequiredValue(Type),
        parsed.GetRequiredValue(Strategy),
        parsed.GetValue(MatchOn),
        parsed.GetValue(TagDelimiter),
        Mapping(parsed.GetValue(Map) ?? []),
        parsed.GetValue(DateFormat),
        parsed.GetValue(DecimalComma),
        parsed.GetValue(LinkCompanies),
        parsed.GetValue(DryRun),
        parsed.GetValue(TwoDigitYears),
        parsed.GetValue(PhoneCountry),
        parsed.GetValue(NullValue),
        Form.Read(parsed),
        parsed.GetValue(Receipt));

    // The last '=': a field's key has none, a column's name may.
    private static Dictionary<string, string> Mapping(IEnumerable<string> given)
    {
        Dictionary<string, string> mapping = [];
        foreach (var pair in given)
        {
            var at = pair.LastIndexOf('=');
            mapping[pair[..at].Trim()] = pair[(at + 1)..].Trim();
        }

        return mapping;
    }

    private static Option<string?> OneOf<TEnum>(string name, string description)
        where TEnum : struct, Enum
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(WireJson.Words<TEnum>());
        return option;
    }

    private static Option<string> NewStrategy()
    {
        var option = new Option<string>("--strategy")
        {
            Description = "How a row that matches a record is treated.",
            DefaultValueFactory = _ => WireJson.Word(DuplicateStrategy.Skip),
        };
        option.AcceptOnlyFromAmong(WireJson.Words<DuplicateStrategy>());
        return option;
    }
}
