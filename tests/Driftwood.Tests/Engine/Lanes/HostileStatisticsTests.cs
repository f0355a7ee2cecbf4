using System.Globalization;
using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>
/// Jobs over statistics that mislead the planner. PostgreSQL itself counts the rows and index entries that it reads: a wrong plan reads all
/// records of the account for each row of a job, a right one a few.
/// </summary>
public sealed class HostileStatisticsTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Stored = 20_000;

    private const int Rows = 1_000;

    // A look-up of a key reads an entry of the index and the row; a row of an import has five keys, and is locked and written.
    private const int MostReadsPerRow = 80;

    private const string Reads = """
        select (
            (select sum(seq_tup_read) from pg_stat_user_tables where relname = any (@tables))
            + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = any (@tables)))::bigint
        """;

    private static readonly string[] Tables =
        ["contacts", "companies", "sources", "unique_values", "dry_run_keys", "dry_run_records", "target_failures", "row_errors"];

    private static readonly LaneOptions Options = new() { Owner = "worker", Lease = TimeSpan.FromMinutes(5), ChunkRows = 250 };

    private readonly Field _badge = CustomFields.Make(
        Guid.CreateVersion7(), 1, "badge", "Badge", FieldKind.Text, required: false, unique: true, []);

    /// <summary>What statistics PostgreSQL has when the jobs run: statements before and after the account's records are stored.</summary>
    public static TheoryData<string, string, string> Statistics => new()
    {
        { "never analyzed", "", "" },
        { "of a table that was emptied", "fill; delete from contacts where external_id <> '20000'; "
            + "delete from unique_values where key <> 'b20000'; vacuum analyze", "" },
        { "emptied and not vacuumed", "fill; analyze; delete from contacts; delete from unique_values", "" },
        { "too low by a thousand times", "fill 20; analyze", "" },
        { "of one account with all records", "", "analyze" },
        { "of ten thousand small accounts", "crowd; analyze", "" },
        { "of one large account beside ten thousand small ones", "crowd", "analyze" },
    };

    [Theory]
    [MemberData(nameof(Statistics))]
    public async Task A_row_is_looked_up_by_the_right_index(string statistics, string before, string after)
    {
        var rig = new EngineRig(database.DataSource);
        await rig.ExecuteAsync(string.Concat(Tables.Select(table => $"alter table {table} set (autovacuum_enabled = false);")));
        await rig.ExecuteAsync("truncate contacts, unique_values, companies, sources; delete from pg_statistic where starelid >= 16384");
        var type = RecordTypes.Extend(RecordTypes.Contacts, [_badge], 0);
        foreach (var step in before.Split("; ", StringSplitOptions.RemoveEmptyEntries)) await PrepareAsync(rig, step);
        var tenant = await rig.NewTenantAsync();
        await rig.AddTypeAsync(tenant, type);
        await FillAsync(rig, tenant, Stored);
        if (after.Length > 0) await rig.ExecuteAsync(after);

        List<string> read = [];
        foreach (var (name, add) in Jobs(type)) read.Add(await MeasureAsync(tenant, name, add));
        TestContext.Current.TestOutputHelper?.WriteLine($"{statistics}: {string.Join(", ", read)}");
        Assert.All(read, job => Assert.InRange(
            long.Parse(job.Split(": ")[1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture), 0, MostReadsPerRow * Rows));
    }

    private static IEnumerable<(string Name, Func<EngineRig, Tenant, Task<Guid>> Add)> Jobs(RecordType type)
    {
        foreach (var strategy in Enum.GetValues<DuplicateStrategy>())
        {
            yield return ($"{strategy}", (rig, tenant) => ImportAsync(rig, tenant, type, strategy, [], 100));
            yield return ($"{strategy} by keys", (rig, tenant) => ImportAsync(rig, tenant, type, strategy, ["External", "Badge"], 200));
            yield return (
                $"{strategy} by keys, dry", (rig, tenant) => ImportAsync(rig, tenant, type, strategy, ["External", "Badge"], 300, dry: true));
        }

        yield return ("by phone", (rig, tenant) => ImportAsync(rig, tenant, type, DuplicateStrategy.Merge, ["Phone"], 400, match: "phone"));
        yield return ("companies", (rig, tenant) => ImportAsync(rig, tenant, type, DuplicateStrategy.Merge, ["Company"], 500));
        foreach (var (operation, parameters) in new[]
        {
            ("tag", """{"add":["a"]}"""), ("update", """{"fields":{"city":"Bergen"}}"""), ("update", """{"fields":{"badge":null}}"""),
            ("delete", "{}"),
        })
        {
            yield return ($"{operation} {parameters}", async (rig, tenant) =>
                await rig.AddBulkAsync(tenant, type, operation, parameters, await IdsAsync(rig, tenant)));
        }

        yield return ("external ids", (rig, tenant) => rig.AddSelectingBulkAsync(
            tenant, type, "tag", """{"add":["b"]}""", new BulkSelecting(ExternalIds: [.. Enumerable.Range(5_000, Rows).Select(i => $"{i}")])));
        yield return ("items", (rig, tenant) => rig.AddItemsAsync(
            tenant, type, "upsert", """{"match_on":"email"}""",
            [.. Enumerable.Range(19_500, Rows).Select(i => $$"""{"email":"c{{i}}@x.io","external_id":"{{i}}","badge":"b{{i}}"}""")]));
    }

    /// <returns>The name and the number of rows and index entries read.</returns>
    private async Task<string> MeasureAsync(Tenant tenant, string name, Func<EngineRig, Tenant, Task<Guid>> add)
    {
        Guid job;
        long before;
        EngineRig files;
        // A session tells what it read at its end.
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString))
        {
            files = new EngineRig(source);
            job = await add(files, tenant);
        }

        await using (var source = NpgsqlDataSource.Create(database.ConnectionString)) before = await ReadsAsync(source);
        await using (var source = NpgsqlDataSource.Create(database.ConnectionString))
        {
            var rig = new EngineRig(source);
            for (var end = LaneEnd.Prepared; end == LaneEnd.Prepared;) end = (await rig.RunLaneAsync(tenant, job, Options, files.OpenAsync)).End;
        }

        await using var counted = NpgsqlDataSource.Create(database.ConnectionString);
        var state = await new EngineRig(counted).StateAsync(tenant, job);
        Assert.Equal(("completed", (long)Rows), (state.Status, state.Processed));
        var after = await ReadsAsync(counted);
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {after - before:N0}");
    }

    private static async Task<long> ReadsAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(Reads);
        command.Parameters.AddWithValue("tables", Tables);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    // Nine of ten rows belong to stored contacts.
    private static Task<Guid> ImportAsync(
        EngineRig rig, Tenant tenant, RecordType type, DuplicateStrategy strategy, string[] more, int from, bool dry = false,
        string match = "email")
    {
        string[] headers = ["Email", "City", .. more];
        Dictionary<string, string> fields = new()
        {
            ["Email"] = "email", ["City"] = "city", ["External"] = "external_id", ["Badge"] = "badge", ["Phone"] = "phone",
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

    private async Task PrepareAsync(EngineRig rig, string step)
    {
        if (step.StartsWith("fill", StringComparison.Ordinal))
        {
            var tenant = await rig.NewTenantAsync();
            await FillAsync(rig, tenant, step == "fill" ? Stored : int.Parse(step.Split(' ')[1], CultureInfo.InvariantCulture));
        }
        else if (step == "crowd")
        {
            await rig.ExecuteAsync(
                """
                insert into contacts (account_id, id, email, email_key, created_at, created_by, updated_at, updated_by)
                select ('00000000-0000-7000-8000-' || lpad((n % 10000)::text, 12, '0'))::uuid, gen_random_uuid(), e, e, now(),
                       gen_random_uuid(), now(), gen_random_uuid()
                from generate_series(1, 20000) n cross join lateral (select 'c' || n || '@x.io' as e) c
                """);
        }
        else
        {
            await rig.ExecuteAsync(step);
        }
    }

    private Task FillAsync(EngineRig rig, Tenant tenant, int contacts) => rig.ExecuteAsync(
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
}
