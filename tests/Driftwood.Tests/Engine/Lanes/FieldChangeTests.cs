using System.Diagnostics;
using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>The fields of a type change during an import of its records.</summary>
public sealed class FieldChangeTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Rows = 50;

    private static readonly string[] Headers = ["Email", "Level"];
    private static readonly Field Level = CustomFields.Make(
        Guid.CreateVersion7(), 1, "level", "Level", FieldKind.Integer, required: false, unique: false, []);
    private static readonly Field Shirt = CustomFields.Make(
        Guid.CreateVersion7(), 2, "shirt", "Shirt", FieldKind.Text, required: false, unique: false, []);

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 10 };
    private readonly RecordType _type = RecordTypes.Extend(RecordTypes.Contacts, [Level], 0);

    [Fact]
    public async Task A_mapped_field_deleted_between_chunks_fails_the_job_and_keeps_committed_rows()
    {
        var tenant = await NewTenantAsync();
        var job = await AddAsync(tenant);

        var met = await RunAsync(
            tenant, job, () => ChangeAsync(tenant, "update fields set deleted_at = now() where account_id = @account and key = 'level'"));
        var afterwards = await _rig.RunLaneAsync(tenant, job, _options);

        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal([LaneEnd.HandedBack, LaneEnd.Failed], [met.End, afterwards.End]);
        Assert.Equal(("failed", "The field level, to which a column is mapped, is no longer there."), (state.Status, state.Error));
        Assert.InRange(state.Processed, 10, Rows - 1);
        Assert.Equal(state.Processed, await ContactFile.CountAsync(_rig, tenant));
    }

    [Fact]
    public async Task A_field_added_between_chunks_lets_the_job_go_on()
    {
        var tenant = await NewTenantAsync();
        var job = await AddAsync(tenant);

        var met = await RunAsync(tenant, job, async () =>
        {
            await _rig.AddFieldAsync(tenant, _type, Shirt);
            await ChangeAsync(tenant, "");
        });
        var afterwards = await _rig.RunLaneAsync(tenant, job, _options);

        Assert.Equal([LaneEnd.HandedBack, LaneEnd.Completed], [met.End, afterwards.End]);
        Assert.Equal(new JobState("completed", null, Rows, new LaneCounts(Rows, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
        Assert.Equal(
            Enumerable.Range(1, Rows).Select(level => $"{{\"1\": {level}}}"),
            await _rig.ListAsync(
                "select custom::text from contacts where account_id = @account order by (custom ->> '1')::int",
                ("account", tenant.Account)));
    }

    [Fact]
    public async Task A_field_that_rows_are_matched_on_and_that_is_no_longer_unique_fails_the_job()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = RecordTypes.Extend(
            RecordTypes.Contacts, [Level with { Unique = true, UniqueId = Guid.CreateVersion7(), MatchKey = MatchKeyKind.Exact }], 0);
        await _rig.AddTypeAsync(tenant, type);
        var job = await AddAsync(tenant, type, "email", "level");
        await ChangeAsync(tenant, "update fields set is_unique = false where account_id = @account");

        await _rig.RunLaneAsync(tenant, job, _options);

        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal(("failed", "The field level, which rows are matched on, is no longer unique."), (state.Status, state.Error));
    }

    [Fact]
    public async Task Names_that_are_given_by_number_since_fail_a_job_that_gives_them()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = RecordTypes.Extend(RecordTypes.Custom(Guid.CreateVersion7(), "badges", "Badges", nameIsUnique: true, null), [Level], 0);
        await _rig.AddTypeAsync(tenant, type);
        var job = await AddAsync(tenant, type, "name", "name");
        await _rig.ExecuteAsync(
            "update record_types set name_is_autonumber = true, autonumber_pattern = 'B-{0}' where account_id = @account",
                ("account", tenant.Account));

        await _rig.RunLaneAsync(tenant, job, _options);

        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal(("failed", "The field name, to which a column is mapped, can no longer be set."), (state.Status, state.Error));
    }

    [Fact]
    public async Task A_record_type_deleted_between_chunks_fails_the_job()
    {
        var tenant = await _rig.NewTenantAsync();
        var type = RecordTypes.Extend(RecordTypes.Custom(Guid.CreateVersion7(), "badges", "Badges", nameIsUnique: true, null), [Level], 0);
        await _rig.AddTypeAsync(tenant, type);
        var job = await AddAsync(tenant, type, "name", "name");

        var met = await RunAsync(tenant, job, () => _rig.ExecuteAsync(
            "delete from record_types where account_id = @account; delete from record_schemas where account_id = @account",
                ("account", tenant.Account)));
        var afterwards = await _rig.RunLaneAsync(tenant, job, _options);

        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal([LaneEnd.HandedBack, LaneEnd.Failed], [met.End, afterwards.End]);
        Assert.Equal(("failed", "The record type badges is no longer there."), (state.Status, state.Error));
    }

    [Fact]
    public async Task A_change_that_takes_long_postpones_the_lane_and_nothing_is_held_against_it()
    {
        var tenant = await NewTenantAsync();
        var job = await AddAsync(tenant);
        await using var changing = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await changing.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await RecordSchemaLock.TakeAsync(changing, tenant.Account, "contacts", TestContext.Current.CancellationToken);

        var clock = Stopwatch.StartNew();
        var met = await _rig.RunLaneAsync(tenant, job, _options);
        // The lane waits three seconds. It does not come near its statement limit, which would mean that the chunk is too large.
        Assert.InRange(clock.Elapsed.TotalSeconds, 2.9, 10);
        Assert.Equal(LaneEnd.Postponed, met.End);
        Assert.Equal(
            ["running - 0 0 0"],
            await _rig.ListAsync(
                "select concat_ws(' ', status, coalesce(owner, '-'), cursor, attempts, retries) from lanes where job_id = @job",
                ("job", job)));

        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await _rig.ExpireLeasesAsync(tenant, job);
        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, _options)).End);
        Assert.Equal(new JobState("completed", null, Rows, new LaneCounts(Rows, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
    }

    private async Task<Tenant> NewTenantAsync()
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, _type);
        return tenant;
    }

    private Task<Guid> AddAsync(Tenant tenant) => AddAsync(tenant, _type, "email", "email");

    private Task<Guid> AddAsync(Tenant tenant, RecordType type, string first, string matchOn)
    {
        var spec =
            new ImportSpec { ColumnMapping = new Dictionary<string, string> { ["Email"] = first, ["Level"] = "level" }, MatchOn = matchOn };
        return _rig.AddImportAsync(tenant, type, spec, Headers, File(), Rows);
    }

    private static byte[] File() =>
        Encoding.UTF8.GetBytes("Email,Level\n" + string.Concat(Enumerable.Range(1, Rows).Select(i => $"c{i}@x.io,{i}\n")));

    /// <summary>Changes the type as its owner would. Code that read the type before can notice the change.</summary>
    private Task ChangeAsync(Tenant tenant, string statement) => _rig.ExecuteAsync(
        $"update record_schemas set version = version + 1000000 where account_id = @account and record_type = 'contacts'; {statement}",
            ("account", tenant.Account));

    /// <summary>Runs the lane and calls a function while the lane reads its third chunk.</summary>
    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, Func<Task> meanwhile) =>
        _rig.RunLaneAsync(tenant, job, _options, (_, _) => Task.FromResult<Stream>(new LineStream(File(), 25, meanwhile)));
}
