using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>
/// The truth table of <see cref="ApplyStrategy"/>: the settings and fields of an import, and the way its rows are applied.
/// </summary>
public sealed class ApplyStrategyTests
{
    private const DuplicateStrategy Skip = DuplicateStrategy.Skip;
    private const DuplicateStrategy Merge = DuplicateStrategy.Merge;
    private const DuplicateStrategy Overwrite = DuplicateStrategy.Overwrite;

    private static readonly RecordType Contacts = RecordTypes.Extend(
        RecordTypes.Contacts,
        [
            CustomFields.Make(Guid.CreateVersion7(), 1, "note", "Note", FieldKind.Text, required: false, unique: false, []),
            CustomFields.Make(Guid.CreateVersion7(), 2, "badge", "Badge", FieldKind.Text, required: false, unique: true, []),
        ],
        0);

    private static readonly RecordType Members = RecordTypes.Extend(
        RecordTypes.Contacts,
        [CustomFields.Make(Guid.CreateVersion7(), 1, "since", "Since", FieldKind.Date, required: true, unique: false, [])],
        0);

    private static readonly RecordType Plain = RecordTypes.Contacts;
    private static readonly RecordType Invoices = RecordTypes.Custom(Guid.CreateVersion7(), "invoices", "Invoices", false, "INV-{0000}");
    private static readonly RecordType Projects = RecordTypes.Custom(Guid.CreateVersion7(), "projects", "Projects", true, null);

    public static TheoryData<string, string, string> Table { get; } = new()
    {
        // The import matches no rows.
        { "contacts: first_name", "", "Copy None ByKey SideBySide" },
        { "contacts: first_name birthday", "", "Stage None ByKey SideBySide" },
        { "contacts: email", "", "Stage None ByKey AfterScan" },
        { "contacts: first_name tags", "", "Copy None ByKey SideBySide" },
        { "contacts: first_name tags", "add_tags", "Stage None ByKey SideBySide" },
        { "contacts: first_name", "add_tags", "Copy None ByKey SideBySide" },
        { "contacts: first_name note", "", "Copy None ByKey SideBySide" },
        { "contacts: first_name badge", "", "Stage None ByKey AfterScan" },
        { "companies: name", "", "Copy None ByKey SideBySide" },
        { "companies: website", "", "Stage None ByKey SideBySide" },
        { "invoices: external_id", "match=external_id", "Stage Skip ByKey SideBySide" },

        // The import leaves matching records alone.
        { "contacts: email first_name", "match=email", "Copy Skip RepeatsTogether SideBySide" },
        { "contacts: email first_name", "match=email create_only merge", "Copy Skip RepeatsTogether SideBySide" },
        { "contacts: email first_name", "match=email update_only", "None Skip ByKey SideBySide" },
        { "contacts: email first_name", "match=email dry_run", "Remember Skip RepeatsTogether SideBySide" },
        { "contacts: email external_id", "match=email", "Stage Skip ByKey AfterScan" },
        { "contacts: email company_id", "match=email", "Stage Skip ByKey SideBySide" },
        { "contacts: email tags", "match=email add_tags", "Stage Skip ByKey SideBySide" },
        { "contacts: email company_name", "match=email link=existing", "Stage Skip RepeatsTogether SideBySide" },
        { "contacts: email company_name", "match=email link=create", "Stage Skip ByKey One" },
        { "contacts: phone first_name", "match=phone", "Copy SkipOrFail RepeatsTogether SideBySide" },
        { "contacts: badge first_name", "match=badge", "Stage Skip ByKey SideBySide" },
        { "contacts: id first_name", "match=id create_only", "None SkipOrFail ByKey SideBySide" },
        { "members: email since", "match=email", "Copy Skip ByKey SideBySide" },
        { "members: email first_name", "match=email", "Stage Skip ByKey SideBySide" },
        { "companies: domain name", "match=domain", "Copy Skip ByKey SideBySide" },
        { "projects: name", "match=name", "Stage Skip RepeatsTogether SideBySide" },

        // The import changes matching records.
        { "plain: email first_name", "match=email merge", "Copy UpdateByKey ByKey SideBySide" },
        { "plain: email first_name", "match=email overwrite", "Copy UpdateByKey ByKey SideBySide" },
        { "plain: email first_name", "match=email merge clear", "Copy UpdateByKey ByKey SideBySide" },
        { "plain: email birthday", "match=email merge", "Stage UpdateByKey ByKey SideBySide" },
        { "plain: email first_name", "match=email merge update_only", "None UpdateByKey ByKey SideBySide" },
        { "plain: email first_name", "match=email merge dry_run", "Remember Remember ByKey SideBySide" },
        { "plain: email external_id", "match=email merge", "Stage Update Linked AfterScan" },
        { "plain: email external_id", "match=email merge dry_run", "Remember Remember Linked AfterScan" },
        { "plain: email company_id", "match=email merge", "Stage Update ByKey SideBySide" },
        { "plain: email tags", "match=email merge", "Copy LockAndUpdate ByKey SideBySide" },
        { "plain: email tags", "match=email overwrite", "Copy Update ByKey SideBySide" },
        { "plain: phone first_name", "match=phone merge", "Copy Update ByKey SideBySide" },
        { "plain: phone first_name", "match=phone overwrite", "Copy Update ByKey SideBySide" },
        { "plain: id first_name", "match=id merge", "None Update ByKey SideBySide" },
        { "plain: id first_name", "match=id merge clear", "None LockAndUpdate ByKey SideBySide" },
        { "plain: email company_name", "match=email merge link=existing", "Stage LockAndUpdate ByKey SideBySide" },
        { "plain: email company_name", "match=email merge link=create", "Stage LockAndUpdate ByKey One" },
        { "plain: email external_id company_name", "match=email merge link=create", "Stage LockAndUpdate Linked One" },
        { "contacts: badge first_name", "match=badge merge", "Stage LockAndUpdate ByKey SideBySide" },
        { "contacts: badge first_name", "match=badge overwrite", "Stage LockAndUpdate ByKey SideBySide" },
        { "contacts: email first_name", "match=email merge", "Copy Update ByKey SideBySide" },
        { "members: email since", "match=email merge", "Copy UpdateByKey ByKey SideBySide" },
        { "members: email since", "match=email merge clear", "Copy Update ByKey SideBySide" },
        { "members: email first_name", "match=email overwrite", "Stage Update ByKey SideBySide" },
        { "projects: name external_id", "match=external_id merge", "Stage Update Linked AfterScan" },
        { "invoices: external_id", "match=external_id merge", "Stage UpdateByKey ByKey SideBySide" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Rows_are_applied_the_shortest_way_that_is_right(string columns, string settings, string expected)
    {
        var strategy = PlanOf(columns, settings).Strategy;
        Assert.Equal(expected, $"{strategy.New.Value} {strategy.Matched.Value} {strategy.Order.Value} {strategy.Lanes.Value}");
        Assert.All(
            [strategy.New.Reason, strategy.Matched.Reason, strategy.Order.Reason, strategy.Lanes.Reason], reason =>
            Assert.EndsWith(".", reason));
    }

    internal static ImportPlan PlanOf(string columns, string settings, SqlDialect? dialect = null)
    {
        RecordType[] types = [Invoices, Projects, RecordTypes.Companies];
        var type = columns.Split(": ")[0] switch
        {
            "contacts" => Contacts,
            "members" => Members,
            "plain" => Plain,
            var key => types.Single(other => other.Key == key),
        };
        string[] headers = columns.Split(": ")[1].Split(' ');
        var words = settings.Split(' ').ToHashSet();
        string? Value(string name) =>
            words.FirstOrDefault(word => word.StartsWith(name + '=', StringComparison.Ordinal))?[(name.Length + 1)..];
        return new ImportPlan(
            type,
            new ImportSpec
            {
                ColumnMapping = headers.ToDictionary(header => header),
                MatchOn = Value("match"),
                DuplicateStrategy = words.Contains("merge") ? Merge : words.Contains("overwrite") ? Overwrite : Skip,
                Mode = words.Contains("create_only") ? ImportMode.CreateOnly : words.Contains("update_only") ? ImportMode.UpdateOnly
                    : ImportMode.Upsert,
                BlankCells = words.Contains("clear") ? BlankCells.Clear : BlankCells.Keep,
                LinkCompanies = Value("link") switch
                {
                    "existing" => LinkCompanies.Existing,
                    "create" => LinkCompanies.Create,
                    _ => LinkCompanies.None,
                },
                AddTags = words.Contains("add_tags") ? ["new"] : [],
                DryRun = words.Contains("dry_run"),
            },
            headers)
        { Dialect = dialect ?? SqlDialect.Plain };
    }
}
