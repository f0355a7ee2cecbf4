using Driftwood.Engine.Lanes;
using Driftwood.Engine.Maintenance;
using Driftwood.Tests.Engine.Lanes;

namespace Driftwood.Tests.Engine.Maintenance;

public sealed class FieldCleanupTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Records = 60;

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 4 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Workers_stopped_and_fenced_off_at_any_moment_leave_nothing(int seed)
    {
        var (tenant, field) = await NewFieldAsync();
        var job = await AddJobAsync(tenant, field);

        await new LaneStorm(_rig, tenant, job, 1, _options).RunAsync(new Random(seed));

        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal(("completed", null, 0L), (state.Status, state.Error, state.Counts.Failed));
        Assert.Equal((2 * Records) + 1, state.Counts.Deleted);
        Assert.Empty(await LeftAsync(tenant));
    }

    [Fact]
    public async Task A_job_that_finds_nothing_left_completes()
    {
        var (tenant, field) = await NewFieldAsync();
        var first = await AddJobAsync(tenant, field);
        var second = await AddJobAsync(tenant, field);

        await _rig.RunLaneAsync(tenant, first, _options);
        var result = await _rig.RunLaneAsync(tenant, second, _options);

        Assert.Equal(LaneEnd.Completed, result.End);
        Assert.Equal(new JobState("completed", null, 0, default), await _rig.StateAsync(tenant, second));
    }

    [Fact]
    public async Task A_value_that_stops_every_worker_is_left_behind_unseen()
    {
        var (tenant, field) = await NewFieldAsync();
        var job = await AddJobAsync(tenant, field);
        await _rig.ExecuteAsync("update lanes set attempts = 20 where job_id = @job", ("job", job));

        var result = await _rig.RunLaneAsync(tenant, job, _options);

        Assert.Equal(LaneEnd.Completed, result.End);
        Assert.Equal(
            new JobState("completed", null, (2 * Records) + 1, new LaneCounts(0, 0, 2 * Records, 0, 1)),
            await _rig.StateAsync(tenant, job));
        Assert.Equal(["value 1"], await LeftAsync(tenant));
    }

    [Fact]
    public async Task What_gave_up_begins_again_after_ten_minutes_and_callers_jobs_do_not()
    {
        var (tenant, field) = await NewFieldAsync();
        var old = await AddJobAsync(tenant, field);
        var recent = await AddJobAsync(tenant, field);
        var import = await ContactFile.Of(10).AddAsync(_rig, tenant);
        await _rig.ExecuteAsync(
            """
            update jobs set status = 'failed', error_message = 'An outage.', completed_at = now(),
                            updated_at = now() - case when id = @recent then interval '9 minutes' else interval '11 minutes' end
            where account_id = @account;
            update lanes set status = 'failed', attempts = 7, retries = 20 where account_id = @account;
            """,
            ("recent", recent), ("account", tenant.Account));

        await new MaintenanceRetry(_rig.Database).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["0 0 ready"],
            await _rig.ListAsync("select concat_ws(' ', attempts, retries, status) from lanes where job_id = @job", ("job", old)));
        foreach (var job in new[] { recent, import })
        {
            Assert.Equal("failed", (await _rig.StateAsync(tenant, job)).Status);
            Assert.Equal(LaneEnd.NothingToClaim, (await _rig.RunLaneAsync(tenant, job, _options)).End);
        }

        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, old, _options)).End);
        var state = await _rig.StateAsync(tenant, old);
        Assert.Equal(("completed", null), (state.Status, state.Error));
        Assert.Empty(await LeftAsync(tenant));
    }

    /// <summary>Makes a deleted unique field, records that each have a value and a key of it, and records without.</summary>
    private async Task<(Tenant Tenant, Guid Field)> NewFieldAsync()
    {
        var tenant = await _rig.NewTenantAsync();
        var field = Guid.CreateVersion7();
        await _rig.ExecuteAsync(
            """
            insert into record_schemas (account_id, record_type, next_slot) values (@account, 'contacts', 2);
            insert into fields (account_id, id, record_type, slot, key, label, kind, required, is_unique, created_at, created_by,
                updated_at, updated_by, deleted_at)
            values (@account, @field, 'contacts', 1, 'code', 'Code', 'text', false, true, now(), @owner, now(), @owner, now());
            insert into contacts (account_id, id, first_name, custom, created_at, created_by, updated_at, updated_by)
            select @account, gen_random_uuid(), 'Jane', case when n % 3 < 2 then jsonb_build_object('1', 'v' || n)
                else '{}' end, now(), @owner, now(), @owner
            from generate_series(1, @records * 3 / 2) n;
            insert into unique_values (account_id, field_id, key, record_id)
            select account_id, @field, custom ->> '1', id from contacts where account_id = @account and custom ? '1';
            """,
            ("account", tenant.Account), ("field", field), ("owner", tenant.Owner), ("records", Records));
        return (tenant, field);
    }

    private async Task<Guid> AddJobAsync(Tenant tenant, Guid field)
    {
        var job = Guid.CreateVersion7();
        await _rig.ExecuteAsync(
            """
            insert into jobs (account_id, id, kind, record_type, status, created_by, started_at)
                values (@account, @job, 'maintenance', 'contacts', 'processing', @owner, now());
            insert into maintenance_jobs (account_id, id, field_id) values (@account, @job, @field);
            insert into lanes (account_id, job_id, lane, status) values (@account, @job, 0, 'ready');
            """,
            ("account", tenant.Account), ("job", job), ("field", field), ("owner", tenant.Owner));
        return job;
    }

    /// <summary>The kinds of data that remain of the field, each with its count.</summary>
    private Task<List<string>> LeftAsync(Tenant tenant) => _rig.ListAsync(
        """
        select what || ' ' || count(*) from (
            select 'value' as what from contacts where account_id = @account and custom ? '1'
            union all select 'key' from unique_values where account_id = @account
            union all select 'field' from fields where account_id = @account) rest
        group by what order by what
        """,
        ("account", tenant.Account));
}
