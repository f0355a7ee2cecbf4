using System.Globalization;
using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>Jobs that together run every statement on records, over contacts with a unique custom field.</summary>
internal sealed class JobsOfAllKinds
{
    /// <summary>Contacts that are stored before.</summary>
    public const int Stored = 20_000;

    /// <summary>Rows or targets of each job.</summary>
    public const int Rows = 1_000;

    private readonly Field _badge = CustomFields.Make(
        Guid.CreateVersion7(), 1, "badge", "Badge", FieldKind.Text, required: false, unique: true, []);

    public JobsOfAllKinds() => Type = RecordTypes.Extend(RecordTypes.Contacts, [_badge], 0);

    public static LaneOptions Options { get; } = new() { Owner = "worker", Lease = TimeSpan.FromMinutes(5), ChunkRows = 250 };

    public RecordType Type { get; }

    public IEnumerable<(string Name, Func<EngineRig, Tenant, Task<Guid>> Add)> All()
    {
        foreach (var strategy in Enum.GetValues<DuplicateStrategy>())
        {
            yield return ($"{strategy}", (rig, tenant) => ImportAsync(rig, tenant, Type, strategy, [], 100));
            yield return ($"{strategy} by keys", (rig, tenant) => ImportAsync(rig, tenant, Type, strategy, ["External", "Badge"], 200));
            yield return ($"{strategy} by keys, dry", (rig, tenant) =>
                ImportAsync(rig, tenant, Type, strategy, ["External", "Badge"], 300, dry: true));
        }

        yield return ("by phone", (rig, tenant) =>
            ImportAsync(rig, tenant, Type, DuplicateStrategy.Merge, ["Phone"], 400, match: "phone"));
        yield return ("companies", (rig, tenant) => ImportAsync(rig, tenant, Type, DuplicateStrategy.Merge, ["Company"], 500));
        foreach (var (operation, parameters) in new[]
        {
            ("tag", """{"add":["a"]}"""), ("update", """{"fields":{"city":"Bergen"}}"""), ("update", """{"fields":{"badge":null}}"""),
            ("delete", "{}"),
        })
        {
            yield return ($"{operation} {parameters}", async (rig, tenant) =>
                await rig.AddBulkAsync(tenant, Type, operation, parameters, await IdsAsync(rig, tenant)));
        }

        yield return ("external ids", (rig, tenant) => rig.AddSelectingBulkAsync(
            tenant, Type, "tag", """{"add":["b"]}""",
            new BulkSelecting(ExternalIds: [.. Enumerable.Range(5_000, Rows).Select(i => $"{i}")])));
        yield return ("items", (rig, tenant) => rig.AddItemsAsync(
            tenant, Type, "upsert", """{"match_on":"email"}""",
            [.. Enumerable.Range(19_500, Rows).Select(i => $$"""{"email":"c{{i}}@x.io","external_id":"{{i}}","badge":"b{{i}}"}""")]));
    }

    public Task FillAsync(EngineRig rig, Tenant tenant, int contacts) => rig.ExecuteAsync(
        """
        insert into contacts (account_id, id, external_id, external_id_key, email, email_key, phone, phone_key, custom,
            created_at, created_by, updated_at, updated_by)
        select @account, gen_random_uuid(), n::text, n::text, 'c' || n || '@x.io', 'c' || n || '@x.io', '+4721000' || n, '+4721000' || n,
            jsonb_build_object('1', 'b' || n), now(), @owner, now(), @owner
        from generate_series(1, @contacts) n;
        insert into unique_values (account_id, field_id, key, record_id)
        select account_id, @badge, custom ->> '1', id from contacts where account_id = @account;
        insert into companies (account_id, id, name, name_key, created_at, created_by, updated_at, updated_by)
        select @account, gen_random_uuid(), 'Company ' || n, 'company ' || n, now(), @owner, now(), @owner
        from generate_series(1, @contacts) n;
        """,
        ("account", tenant.Account), ("owner", tenant.Owner), ("contacts", contacts), ("badge", _badge.UniqueId!.Value));

    // Nine of ten rows belong to stored contacts.
    private static Task<Guid> ImportAsync(
        EngineRig rig, Tenant tenant, RecordType type, DuplicateStrategy strategy, string[] more, int from, bool dry = false,
        string match = "email")
    {
        string[] headers = ["Email", "City", .. more];
        Dictionary<string, string> fields = new()
        {
            ["Email"] = "email",
            ["City"] = "city",
            ["External"] = "external_id",
            ["Badge"] = "badge",
            ["Phone"] = "phone",
            ["Company"] = "company_name",
        };
        var text = new StringBuilder(string.Join(',', headers)).Append('\n');
        for (var row = 0; row < Rows; row++)
        {
            var number = row % 10 == 0 ? Stored + from + row : from + row;
            text.Append(CultureInfo.InvariantCulture, $"c{number}@x.io,City");
            foreach (var column in more)
            {
                text.Append(CultureInfo.InvariantCulture, $",{column switch
                {
                    "External" => "",
                    "Badge" => "b",
                    "Phone" => "+4721000",
                    _ => "Company ",
                }}{number}");
            }

            text.Append('\n');
        }

        var spec = new ImportSpec
        {
            ColumnMapping = headers.ToDictionary(header => header, header => fields[header]),
            MatchOn = match,
            DuplicateStrategy = strategy,
            DryRun = dry,
            LinkCompanies = more.Contains("Company") ? LinkCompanies.Create : LinkCompanies.None,
        };
        return rig.AddImportAsync(tenant, type, spec, headers, Encoding.UTF8.GetBytes(text.ToString()), Rows);
    }

    private static async Task<Guid[]> IdsAsync(EngineRig rig, Tenant tenant) => [
        .. (await rig.ListAsync(
            $"select id::text from contacts where account_id = @account order by id limit {Rows}", ("account", tenant.Account)))
            .Select(Guid.Parse)];
}
