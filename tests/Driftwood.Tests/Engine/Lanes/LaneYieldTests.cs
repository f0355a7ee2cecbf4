using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>The lanes of one account make way for those of another (F16).</summary>
public sealed class LaneYieldTests(EngineDatabase database) : IClassFixture<EngineDatabase>, IAsyncLifetime
{
    /// <summary>A shortest turn has fewer chunks than this file.</summary>
    private const int Rows = 3_000;

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 1, Turn = TimeSpan.FromMilliseconds(1) };

    // The waiting lanes of one test must not affect the lanes of another test.
    public async ValueTask InitializeAsync() => await _rig.ExecuteAsync("delete from jobs");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task One_worker_serves_a_second_account_before_the_firsts_lane_has_ended()
    {
        var (greedy, quiet) = (await _rig.NewTenantAsync(), await _rig.NewTenantAsync());
        var large = await ContactFile.Of(Rows).AddAsync(_rig, greedy);
        TaskCompletionSource begun = new();
        var first = RunAsync(greedy, large, begun);
        await begun.Task;
        var small = await ContactFile.Of(5).AddAsync(_rig, quiet);

        Assert.Equal(LaneEnd.HandedBack, (await first).End);
        Assert.Equal(
            ["ready 0 true"],
            await _rig.ListAsync("select status || ' ' || attempts || ' ' || (cursor > 0) from lanes where job_id = @job", ("job", large)));
        Assert.Equal(
            LaneEnd.Completed,
            (await _rig.Runner(_options with { Turn = TimeSpan.FromHours(1) }).RunAsync(null, CancellationToken.None)).End);

        Assert.Equal(new JobState("completed", null, 5, new LaneCounts(5, 0, 0, 0, 0)), await _rig.StateAsync(quiet, small));
        var state = await _rig.StateAsync(greedy, large);
        Assert.Equal("processing", state.Status);
        Assert.InRange(state.Processed, 1, Rows - 1);
        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(greedy, large, _options with { ChunkRows = 1_000 })).End);
        Assert.Equal(new JobState("completed", null, Rows, new LaneCounts(Rows, 0, 0, 0, 0)), await _rig.StateAsync(greedy, large));
    }

    [Fact]
    public async Task Two_accounts_with_one_worker_take_turns_until_both_are_done()
    {
        Tenant[] tenants = [await _rig.NewTenantAsync(), await _rig.NewTenantAsync()];
        var jobs = new Guid[2];
        for (var n = 0; n < 2; n++) jobs[n] = await ContactFile.Of(120).AddAsync(_rig, tenants[n]);
        var runner = _rig.Runner(_options);
        List<(Guid Job, LaneEnd End)> turns = [];
        while (await _rig.ListAsync("select id::text from jobs where status = 'processing'") is { Count: > 0 })
        {
            var result = await runner.RunAsync(null, CancellationToken.None);
            turns.Add(
                (Guid.Parse((await _rig.ListAsync("select job_id::text from lanes order by updated_at desc limit 1"))[0]), result.End));
        }

        Assert.Equal(2, turns.Count(turn => turn.End == LaneEnd.Completed));
        // Each lane hands over to the other. Nothing disturbs the last remaining lane any more.
        Assert.All(
            turns.Zip(turns.Skip(1)), pair =>
            Assert.True(pair.First.End == LaneEnd.Completed || pair.First.Job != pair.Second.Job, string.Join(' ', turns)));
        for (var n = 0; n < 2; n++)
        {
            Assert.Equal(new JobState("completed", null, 120, new LaneCounts(120, 0, 0, 0, 0)), await _rig.StateAsync(tenants[n], jobs[n]));
        }
    }

    [Theory]
    [InlineData("select 1", true)]
    [InlineData("update lanes set updated_at = now() - interval '1 second' where job_id = @waiting", false)]
    [InlineData(
        "update lanes set status = 'running', owner = 'x', leased_until = now() + interval '1 hour' where job_id = @waiting", false)]
    [InlineData("update lanes set status = 'running', owner = 'x', leased_until = now() - interval '1 hour' where job_id = @waiting", true)]
    [InlineData("update jobs set status = 'paused' where id = @waiting", false)]
    [InlineData("update accounts set disabled_at = now() where id = (select account_id from jobs where id = @waiting)", false)]
    [InlineData("update lanes set status = 'stopped' where job_id = @waiting", false)]
    // The other account runs as many lanes as this account.
    [InlineData(
        "update lanes set status = 'running', owner = 'x', leased_until = now() + interval '1 hour' where job_id = @other and lane < 2",
        false)]
    [InlineData(
        "update lanes set status = 'running', owner = 'x', leased_until = now() + interval '1 hour' where job_id = @other and lane < 1",
        true)]
    // The lanes are postponed, so no worker holds them.
    [InlineData(
        "update lanes set status = 'running', owner = null, leased_until = now() + interval '1 hour' where job_id = @other and lane < 2",
        true)]
    public async Task A_lane_yields_to_accounts_that_run_fewer_and_have_waited(string change, bool yields)
    {
        var (account, quiet) = (await _rig.NewTenantAsync(), await _rig.NewTenantAsync());
        var older = await ContactFile.Of(2).AddAsync(_rig, account);
        var newer = await ContactFile.Of(2).AddAsync(_rig, account, lanes: 2);
        var waiting = await ContactFile.Of(2).AddAsync(_rig, quiet);
        var other = await ContactFile.Of(2).AddAsync(_rig, quiet, lanes: 2);
        await _rig.ExecuteAsync(
            """
            update lanes set updated_at = now() - interval '20 seconds' where job_id = @waiting;
            update lanes set status = 'running', owner = 'x', leased_until = now() + interval '1 hour' where account_id = @account
                and not (job_id = @newer and lane = 1);
            """,
            ("waiting", waiting), ("account", account.Account), ("newer", newer));
        await _rig.ExecuteAsync(change, ("waiting", waiting), ("other", other));

        // Only the last of the running lanes must yield. It belongs to the newest job.
        Assert.Equal(yields, await MustYieldAsync(account, newer, 0));
        Assert.False(await MustYieldAsync(account, older, 0));
        await _rig.ExecuteAsync("update lanes set status = 'ready', leased_until = null where job_id = @newer", ("newer", newer));
        Assert.False(await MustYieldAsync(account, newer, 0));
    }

    /// <summary>Runs the lane of a large file, and signals when its first chunks have begun.</summary>
    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, TaskCompletionSource begun) => _rig
        .Runner(_options, (_, _) => Task.FromResult<Stream>(new LineStream(ContactFile.Of(Rows).Bytes(), 4, () =>
        {
            begun.TrySetResult();
            return Task.CompletedTask;
        })))
        .RunAsync(new LaneRef(tenant.Account, job, 0), CancellationToken.None);

    private async Task<bool> MustYieldAsync(Tenant tenant, Guid job, int lane)
    {
        await using var connection = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var options = new LaneOptions { Turn = TimeSpan.FromSeconds(10), Dialect = EngineRig.Dialect };
        return await new LaneTable(_rig.Database, options).MustYieldAsync(
            connection, new LaneRef(tenant.Account, job, lane), TestContext.Current.CancellationToken);
    }
}
