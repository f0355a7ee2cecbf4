using System.Globalization;
using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>
/// A chunk finds its records by index, whatever the planner knows. A plan that reads all records of the account exceeds the time
/// limit of its statement, and then the chunk is cut. So these tests require the chunks of a lane that nothing has cut.
/// </summary>
public sealed class ChunkPlanTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Existing = 100_000;
    private const int Rows = 10_000;

    // The first is small, and each of the others has up to twice the rows of the one before.
    private static readonly string[] Uncut = ["1000", "2000", "4000", "3000"];

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { Lease = TimeSpan.FromSeconds(10), ChunkRows = Rows };

    [Fact]
    public async Task No_chunk_into_records_never_analyzed_is_cut()
    {
        await _rig.ExecuteAsync("alter table contacts set (autovacuum_enabled = false)");
        var tenant = await _rig.NewTenantAsync();
        await LoadAsync(tenant);
        var import = await _rig.AddImportAsync(tenant, RecordTypes.Contacts, Spec(), ["Email", "External", "Tags"], File(Rows), Rows);

        await _rig.RunLaneAsync(tenant, import, _options);

        Assert.Equal(
            new JobState("completed", null, Rows, new LaneCounts(Rows / 2, Rows / 2, 0, 0, 0)), await _rig.StateAsync(tenant, import));
        Assert.Equal(Uncut, await ChunksAsync(tenant));
        var targets = (
            await _rig.ListAsync(
            "select id::text from contacts where account_id = @account order by id desc limit 10000", ("account", tenant.Account)))
            .Select(Guid.Parse);
        var bulk = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "tag", """{"add": ["all"]}""", [.. targets]);
        await _rig.ExecuteAsync(
            "update contacts set updated_by = @owner where account_id = @account and updated_by = @worker", ("account", tenant.Account),
            ("owner", tenant.Owner), ("worker", tenant.Worker));

        await _rig.RunLaneAsync(tenant, bulk, _options);

        Assert.Equal(Uncut, await ChunksAsync(tenant));
    }

    [Fact]
    public async Task A_dry_run_into_records_never_analyzed_looks_all_up_by_index_however_much_it_has_kept()
    {
        await _rig.ExecuteAsync(
            "alter table contacts set (autovacuum_enabled = false); alter table dry_run_keys set (autovacuum_enabled = false); alter table "
            + "dry_run_records set (autovacuum_enabled = false)");
        var tenant = await _rig.NewTenantAsync();
        await LoadAsync(tenant);
        var rows = Rows * 6;
        var import = await _rig.AddImportAsync(
            tenant, RecordTypes.Contacts, Spec() with { DryRun = true }, ["Email", "External", "Tags"], File(rows), rows);

        await _rig.RunLaneAsync(tenant, import, _options);

        // 1, 2, 4, 8, four times 10, and 5 thousand.
        const int Chunks = 9;
        var created = Enumerable.Range(0, rows).Count(row => NumberOf(row) >= Existing);
        Assert.Equal(
            new JobState("completed", null, rows, new LaneCounts(created, rows - created, 0, 0, 0)), await _rig.StateAsync(tenant, import));
        Assert.Equal(
            [$"{Chunks}"], await _rig.ListAsync(
            "select count(distinct xmin::text)::text from dry_run_records where account_id = @account", ("account", tenant.Account)));
        Assert.Equal(
            [$"{Existing}"],
            await _rig.ListAsync(
            "select count(*)::text from contacts where account_id = @account and updated_by = @owner", ("account", tenant.Account),
            ("owner", tenant.Owner)));
    }

    // now() is the time of the transaction, so all rows of one chunk share it.
    private Task<List<string>> ChunksAsync(Tenant tenant) => _rig.ListAsync(
        "select count(*)::text from contacts where account_id = @account and updated_by = @worker group by updated_at order by updated_at",
        ("account", tenant.Account), ("worker", tenant.Worker));

    private static ImportSpec Spec() => new()
    {
        ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["External"] = "external_id", ["Tags"] = "tags" },
        MatchOn = "email",
        DuplicateStrategy = DuplicateStrategy.Merge,
    };

    // Half of these records exist, as long as the file has no more rows than a seventh of the existing records.
    private static int NumberOf(int row) => (row * 7) + (row % 2 * Existing);

    private static byte[] File(int rows)
    {
        var text = new StringBuilder("Email,External,Tags\n");
        for (var row = 0; row < rows; row++)
        {
            var n = NumberOf(row);
            text.Append(CultureInfo.InvariantCulture, $"c{n}@x.io,e{n},\"vip,new\"\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private Task LoadAsync(Tenant tenant) => _rig.ExecuteAsync(
        """
        insert into contacts (account_id, id, email, email_key, external_id, external_id_key, created_at, created_by, updated_at,
            updated_by)
        select @account, gen_random_uuid(), 'c' || n || '@x.io', 'c' || n || '@x.io', 'e' || n, 'e' || n, now(), @owner, now(), @owner
        from generate_series(0, @last) n
        """,
        ("account", tenant.Account), ("owner", tenant.Owner), ("last", Existing - 1));
}
