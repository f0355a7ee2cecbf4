using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine.Lanes;

public sealed class LaneControlTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int Rows = 50;

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 10 };

    [Theory]
    [InlineData("pause", "paused")]
    [InlineData("cancel", "cancelled")]
    public async Task Control_between_chunks_settles_the_job_and_keeps_committed_rows(string control, string status)
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(Rows).AddAsync(_rig, tenant);

        var result = await RunAsync(
            tenant, job, () => _rig.ExecuteAsync("update jobs set control = @control where id = @job", ("control", control), ("job", job)));

        var state = await _rig.StateAsync(tenant, job);
        Assert.Equal(LaneEnd.Stopped, result.End);
        Assert.Equal(status, state.Status);
        Assert.InRange(state.Processed, 10, Rows - 1);
        Assert.Equal(state.Processed, await ContactFile.CountAsync(_rig, tenant));
    }

    [Fact]
    public async Task A_paused_job_goes_on_where_it_stopped()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(Rows).AddAsync(_rig, tenant);
        await RunAsync(tenant, job, () => _rig.ExecuteAsync("update jobs set control = 'pause' where id = @job", ("job", job)));
        await _rig.ExecuteAsync(
            "update jobs set status = 'processing' where id = @job; update lanes set status = 'ready' where job_id = @job", ("job", job));

        var result = await _rig.RunLaneAsync(tenant, job, _options);

        Assert.Equal(LaneEnd.Completed, result.End);
        Assert.Equal(new JobState("completed", null, Rows, new LaneCounts(Rows, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
    }

    [Fact]
    public async Task A_disabled_accounts_lane_is_handed_back_and_waits()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(Rows).AddAsync(_rig, tenant);

        var result = await RunAsync(
            tenant, job, () =>
            _rig.ExecuteAsync("update accounts set disabled_at = now() where id = @account", ("account", tenant.Account)));
        var meanwhile = await _rig.RunLaneAsync(tenant, job, _options);
        await _rig.ExecuteAsync("update accounts set disabled_at = null where id = @account", ("account", tenant.Account));
        var afterwards = await _rig.RunLaneAsync(tenant, job, _options);

        Assert.Equal([LaneEnd.HandedBack, LaneEnd.NothingToClaim, LaneEnd.Completed], [result.End, meanwhile.End, afterwards.End]);
        Assert.Equal(new JobState("completed", null, Rows, new LaneCounts(Rows, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
    }

    [Fact]
    public async Task A_stopping_worker_hands_its_lane_back_without_an_attempt_counted()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(Rows).AddAsync(_rig, tenant);
        using var stopping = new CancellationTokenSource();

        var result = await RunAsync(tenant, job, stopping.CancelAsync, stopping);

        Assert.Equal(LaneEnd.HandedBack, result.End);
        Assert.Equal(
            ["ready 0 true"],
            await _rig.ListAsync("select status || ' ' || attempts || ' ' || (cursor > 0) from lanes where job_id = @job", ("job", job)));
    }

    [Fact]
    public async Task A_total_that_does_not_come_true_fails_the_job()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(Rows).AddAsync(_rig, tenant, total: Rows + 1);

        await _rig.RunLaneAsync(tenant, job, _options);

        Assert.Equal(
            new JobState("failed", "50 of 51 rows were processed.", Rows, new LaneCounts(Rows, 0, 0, 0, 0)),
            await _rig.StateAsync(tenant, job));
    }

    [Fact]
    public async Task An_upload_that_cannot_be_read_is_tried_again_later()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(Rows).AddAsync(_rig, tenant);

        var result = await _rig.RunLaneAsync(tenant, job, _options, (_, _) => throw new IOException("No such object."));

        Assert.Equal(LaneEnd.Postponed, result.End);
        Assert.Equal("processing", (await _rig.StateAsync(tenant, job)).Status);
    }

    /// <summary>Runs the lane and calls a function while the lane reads its third chunk.</summary>
    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, Func<Task> meanwhile, CancellationTokenSource? stopping = null) =>
        _rig.RunLaneAsync(
            tenant, job, _options, (_, _) => Task.FromResult<Stream>(new LineStream(ContactFile.Of(Rows).Bytes(), 25, meanwhile)),
            stopping);
}
