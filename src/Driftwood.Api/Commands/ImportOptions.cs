using System.CommandLine;
using System.Text.Json.Nodes;
using Driftwood.Api.Client;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Shell;
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

    public Option<string?> Type { get; } = new("--type")
    {
        Description = "What the rows are: contacts, companies, sources or a type of the account's own (default: that of --profile).",
    };

    public FileFormOptions Form { get; } = new();

    public Option<string?> Strategy { get; } =
        OneOf<DuplicateStrategy>("--strategy", "How a row that matches a record is treated (default skip).");

    public Option<string?> MatchOn { get; } = new("--match-on")
    {
        Description = "Field that tells whether a row is a record there already, or several: the first in which a row has a value "
            + "(default: the first mapped one of the type's own, such as email).",
        HelpName = "field,field",
    };

    public Option<string?> Profile { get; } = new("--profile")
    {
        Description = "Name or id of a profile, whose mapping and settings are taken. Options beside it replace its settings.",
        HelpName = "name|id",
    };

    public Option<FileInfo> Settings { get; } = new Option<FileInfo>("--settings")
    {
        Description = "JSON file with settings of imports-confirm, such as a column_mapping with transforms. Options beside it replace "
            + "them.",
        HelpName = "file.json",
    }.AcceptExistingOnly();

    public Option<string[]> Map { get; } = new("--map")
    {
        Description = "Maps a column other than suggested, such as --map \"Mail=email\"; \"Notes=\" leaves a column out. May be repeated.",
        HelpName = "column=field",
    };

    public Option<string[]> Policy { get; } = new("--policy")
    {
        Description = "Which records get a field's value: overwrite, fill_blank (only where they have none) or create_only, such as "
            + "--policy \"phone=fill_blank\". May be repeated.",
        HelpName = "field=policy",
    };

    public Option<string[]> Constant { get; } = new("--constant")
    {
        Description = "A value that every row has, such as --constant \"city=Oslo\". May be repeated.",
        HelpName = "field=value",
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

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print the finished import as one JSON object, as imports-get answers it; all else goes to standard error.",
    };

    public ServiceOptions Service { get; } = new();

    public Option<bool> Yes { get; } = new("--yes", "-y")
    {
        Description = "Do not ask whether the mapping is right; needed where nobody can answer.",
    };

    public ImportOptions()
    {
        RequirePairs(Map, "Column=field", token => token.LastIndexOf('='));
        RequirePairs(Constant, "field=value", token => token.IndexOf('='));
        RequirePairs(Policy, "field=policy", token => token.LastIndexOf('='));
        Policy.Validators.Add(result =>
        {
            var accepted = WireJson.Words<ColumnPolicy>();
            foreach (var token in result.Tokens.Where(token => !accepted.Contains(token.Value[(token.Value.LastIndexOf('=') + 1)..])))
                result.AddError($"--policy {token.Value}: expected one of {string.Join(", ", accepted)} behind the field.");
        });
    }

    public void AddTo(Command command)
    {
        command.Add(File);
        Option[] options =
            [Type, Profile, Settings, Strategy, MatchOn, Map, Policy, Constant, TagDelimiter, DateFormat, DecimalComma, TwoDigitYears,
                PhoneCountry, NullValue, LinkCompanies, DryRun, Receipt, Json, Service.Url, Service.Token, Yes];
        foreach (var option in options) command.Add(option);
        Form.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Profile) is null)
            {
                if (result.GetValue(Type) is null) result.AddError("Option '--type' is required, unless --profile is given.");
                return;
            }

            if (result.GetValue(Map) is { Length: > 0 } || result.GetValue(Policy) is { Length: > 0 })
                result.AddError("--profile has the mapping: leave --map and --policy out, or change the profile.");
        });
    }

    /// <exception cref="CommandFailure">The file of settings cannot be read.</exception>
    public async Task<FileImport> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = parsed.GetValue(Settings) is { } file ? await SettingsFile.ReadAsync(file, cancellationToken) : [];
        if (parsed.GetValue(Profile) is not null && settings.ContainsKey("column_mapping"))
            throw new CommandFailure("--profile has the mapping: leave column_mapping out of the settings, or change the profile.");
        var fields = parsed.GetValue(MatchOn)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        Set(settings, "duplicate_strategy", parsed.GetValue(Strategy));
        Set(settings, "match_on", fields.Length > 1 ? Texts(fields) : fields.FirstOrDefault());
        Set(settings, "tag_delimiter", parsed.GetValue(TagDelimiter));
        Set(settings, "date_format", parsed.GetValue(DateFormat));
        Set(settings, "decimal_comma", parsed.GetValue(DecimalComma));
        Set(settings, "two_digit_years", parsed.GetValue(TwoDigitYears));
        Set(settings, "phone_country", parsed.GetValue(PhoneCountry));
        Set(settings, "link_companies", parsed.GetValue(LinkCompanies));
        Set(settings, "null_values", parsed.GetValue(NullValue) is { Length: > 0 } markers ? Texts(markers) : null);
        return new FileImport(parsed.GetRequiredValue(File), parsed.GetValue(Type))
        {
            Settings = settings,
            Mapping = Pairs(parsed.GetValue(Map), pair => pair.LastIndexOf('=')),
            Policies = Pairs(parsed.GetValue(Policy), pair => pair.LastIndexOf('=')),
            Constants = Pairs(parsed.GetValue(Constant), pair => pair.IndexOf('=')),
            Profile = parsed.GetValue(Profile),
            DryRun = parsed.GetValue(DryRun),
            Form = Form.Read(parsed),
            KeepsReceipt = parsed.GetValue(Receipt),
        };
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static void Set(JsonObject settings, string name, JsonNode? value)
    {
        if (value is not null) settings[name] = value;
    }

    private static void RequirePairs(Option<string[]> option, string form, Func<string, int> cut) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens.Where(token => cut(token.Value) < 1))
            result.AddError($"{option.Name} {token.Value}: expected \"{form}\".");
    });

    // A field's key has no '='; a column's name and a value may.
    private static Dictionary<string, string> Pairs(string[]? given, Func<string, int> cut)
    {
        Dictionary<string, string> pairs = [];
        foreach (var pair in given ?? [])
        {
            var at = cut(pair);
            pairs[pair[..at].Trim()] = pair[(at + 1)..].Trim();
        }

        return pairs;
    }

    private static Option<string?> OneOf<TEnum>(string name, string description)
        where TEnum : struct, Enum
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(WireJson.Words<TEnum>());
        return option;
    }
}
