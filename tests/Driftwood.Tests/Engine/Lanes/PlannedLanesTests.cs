using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>The lanes of an import with two unique fields. The worker of lane 0 plans, then all lanes run.</summary>
public sealed class PlannedLanesTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Rows = 60;
    private const int Lanes = 3;

    private static readonly string[] Headers = ["Email", "Ext", "Level"];
    private static readonly Field Level = CustomFields.Make(
        Guid.CreateVersion7(), 1, "level", "Level", FieldKind.Integer, required: false, unique: false, []);
    private static readonly RecordType Type = RecordTypes.Extend(RecordTypes.Contacts, [Level], 0);

    // Rows 1 and 2 need the same external ID, so the second fails.
    private static readonly JobState Finished = new("completed", null, Rows, new LaneCounts(Rows - 1, 0, 0, 0, 1));

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 10 };

    [Fact]
    public async Task Lanes_wait_for_the_plan_and_then_are_to_be_woken()
    {
        var (tenant, job) = await AddAsync();
        var early = await RunAsync(tenant, job, 1);

        var planned = await RunAsync(tenant, job, 0);

        Assert.Equal([LaneEnd.NothingToClaim, LaneEnd.Prepared], [early.End, planned.End]);
        Assert.Equal(Enumerable.Range(0, Lanes).Select(lane => new LaneRef(tenant.Account, job, lane)), planned.Opened);
        Assert.Equal(["0 ready 0", "1 ready 0", "2 ready 0"], await LanesAsync(job));
        Assert.Equal(["2"], await _rig.ListAsync("select cardinality(contested)::text from lane_plans where job_id = @job", ("job", job)));
        await FinishAsync(tenant, job);
    }

    [Fact]
    public async Task A_finished_jobs_plan_is_forgotten()
    {
        var (tenant, job) = await AddAsync();
        await RunAsync(tenant, job, 0);

        await FinishAsync(tenant, job);

        Assert.Empty(await _rig.ListAsync("select job_id::text from lane_plans where job_id = @job", ("job", job)));
    }

    [Fact]
    public async Task A_worker_that_stops_while_planning_hands_the_lane_back_and_the_next_plans_anew()
    {
        var (tenant, job) = await AddAsync();
        using var stopping = new CancellationTokenSource();

        var stopped = await RunAsync(tenant, job, 0, stopping.CancelAsync, stopping);

        Assert.Equal(LaneEnd.HandedBack, stopped.End);
        Assert.Equal(["0 ready 0", "1 waiting 0", "2 waiting 0"], await LanesAsync(job));
        Assert.Equal(LaneEnd.Prepared, (await RunAsync(tenant, job, 0)).End);
        await FinishAsync(tenant, job);
    }

    [Fact]
    public async Task A_fenced_off_workers_late_plan_is_not_stored()
    {
        var (tenant, job) = await AddAsync();
        TaskCompletionSource reading = new(), released = new();
        var late = RunAsync(tenant, job, 0, async () =>
        {
            reading.SetResult();
            await released.Task;
        });
        await reading.Task;
        await _rig.ExpireLeasesAsync(tenant, job);

        var taken = await RunAsync(tenant, job, 0);
        released.SetResult();

        Assert.Equal([LaneEnd.Prepared, LaneEnd.Lost], [taken.End, (await late).End]);
        Assert.Equal(["0 ready 0", "1 ready 0", "2 ready 0"], await LanesAsync(job));
        await FinishAsync(tenant, job);
    }

    [Theory]
    [InlineData("pause", "paused")]
    [InlineData("cancel", "cancelled")]
    public async Task Control_while_planning_settles_the_job_with_nothing_done(string control, string status)
    {
        var (tenant, job) = await AddAsync();

        var result = await RunAsync(
            tenant, job, 0, () =>
            _rig.ExecuteAsync("update jobs set control = @control where id = @job", ("control", control), ("job", job)));

        Assert.Equal(LaneEnd.Stopped, result.End);
        Assert.Equal(new JobState(status, null, 0, default), await _rig.StateAsync(tenant, job));
        Assert.Equal(["0 stopped 1", "1 waiting 0", "2 waiting 0"], await LanesAsync(job));
    }

    [Fact]
    public async Task A_job_paused_while_planning_goes_on_with_a_plan()
    {
        var (tenant, job) = await AddAsync();
        await RunAsync(tenant, job, 0, () => _rig.ExecuteAsync("update jobs set control = 'pause' where id = @job", ("job", job)));
        await _rig.ExecuteAsync(
            "update jobs set status = 'processing' where id = @job; update lanes set status = 'ready' where job_id = @job and status = "
            + "'stopped'", ("job", job));

        Assert.Equal(LaneEnd.Prepared, (await RunAsync(tenant, job, 0)).End);

        await FinishAsync(tenant, job);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_fails_the_job_though_lanes_wait()
    {
        var (tenant, job) = await AddAsync();
        await _rig.ExecuteAsync("update imports set format = format || '{\"compression\": \"gzip\"}' where id = @job", ("job", job));

        var result = await RunAsync(tenant, job, 0);

        Assert.Equal((LaneEnd.Failed, "failed"), (result.End, (await _rig.StateAsync(tenant, job)).Status));
    }

    [Fact]
    public async Task Fields_changed_while_planning_are_read_anew()
    {
        var (tenant, job) = await AddAsync();

        var met = await RunAsync(tenant, job, 0, () => MakeUniqueAsync(tenant));
        var again = await RunAsync(tenant, job, 0);

        Assert.Equal([LaneEnd.HandedBack, LaneEnd.Prepared], [met.End, again.End]);
        Assert.Equal(["2"], await _rig.ListAsync("select cardinality(fields)::text from lane_plans where job_id = @job", ("job", job)));
        await FinishAsync(tenant, job);
    }

    [Fact]
    public async Task A_field_that_became_unique_after_the_plan_fails_the_job()
    {
        var (tenant, job) = await AddAsync();
        await RunAsync(tenant, job, 0);
        await MakeUniqueAsync(tenant);

        await new LaneStorm(_rig, tenant, job, Lanes, _options).RunAsync(null);

        Assert.Equal(
            new JobState(
                "failed",
                "A field that a column is mapped to has become unique since the import was confirmed; import the rest of the file anew.",
                0, default),
            await _rig.StateAsync(tenant, job));
    }

    [Fact]
    public async Task A_plan_that_stopped_too_many_workers_leaves_all_to_one_lane()
    {
        var (tenant, job) = await AddAsync();
        await _rig.ExecuteAsync("update lanes set attempts = 5 where job_id = @job", ("job", job));

        var planned = await RunAsync(tenant, job, 0);

        Assert.Equal([new LaneRef(tenant.Account, job, 0)], planned.Opened!);
        Assert.Equal(["0 ready 0", "1 completed 0", "2 completed 0"], await LanesAsync(job));
        await FinishAsync(tenant, job);
    }

    private async Task<(Tenant Tenant, Guid Job)> AddAsync()
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, Type);
        var spec = new ImportSpec
        {
            ColumnMapping = new Dictionary<string, string> { ["Email"] = "email", ["Ext"] = "external_id", ["Level"] = "level" },
            MatchOn = "email",
            DuplicateStrategy = DuplicateStrategy.Merge,
        };
        return (tenant, await _rig.AddImportAsync(tenant, Type, spec, Headers, File(), Rows, Lanes));
    }

    private static byte[] File() =>
        Encoding.UTF8.GetBytes(
            "Email,Ext,Level\n" + string.Concat(Enumerable.Range(1, Rows).Select(i => $"c{i}@x.io,e{Math.Max(i, 2)},{i}\n")));

    private async Task FinishAsync(Tenant tenant, Guid job)
    {
        await new LaneStorm(_rig, tenant, job, Lanes, _options).RunAsync(null);
        Assert.Equal(Finished, await _rig.StateAsync(tenant, job));
    }

    private Task MakeUniqueAsync(Tenant tenant) => _rig.ExecuteAsync(
        """
        update fields set is_unique = true where account_id = @account;
        update record_schemas set version = version + 1000000 where account_id = @account
        """,
        ("account", tenant.Account));

    private Task<List<string>> LanesAsync(Guid job) =>
        _rig.ListAsync("select lane || ' ' || status || ' ' || attempts from lanes where job_id = @job order by lane", ("job", job));

    /// <summary>Claims and runs a lane, and calls a function while the lane reads its third step or chunk.</summary>
    private Task<LaneResult> RunAsync(
        Tenant tenant, Guid job, int lane, Func<Task>? meanwhile = null, CancellationTokenSource? stopping = null) =>
        _rig.Runner(_options, meanwhile is null ? null : (_, _) => Task.FromResult<Stream>(new LineStream(File(), 25, meanwhile)))
            .RunAsync(new LaneRef(tenant.Account, job, lane), stopping?.Token ?? CancellationToken.None);
}
