using System.Diagnostics;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>The first step of a bulk job that names its targets by a selection.</summary>
public sealed class TargetResolutionTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const string Vip = """{"add": ["vip"]}""";
    private static readonly RecordType Type = RecordTypes.Contacts;
    private static readonly BulkSelecting Everybody = new(Query: "SELECT * FROM contacts");

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 700 };

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Targets_are_dealt_out_to_the_lanes_in_runs_without_a_gap()
    {
        var (tenant, job) = await AddAsync(5_500, 4);

        var frozen = await RunAsync(tenant, job, 0);

        Assert.Equal([0, 1, 2], frozen.Opened!.Select(lane => lane.Lane));
        Assert.Equal(["0 ready", "1 ready", "2 ready", "3 completed"], await LanesAsync(job));
        Assert.Equal(
            ["0 2000 1 2000", "1 2000 1 2000", "2 1500 1 1500"],
            await _rig.ListAsync(
                "select lane || ' ' || count(*) || ' ' || min(position) || ' ' || max(position) from bulk_targets where job_id = @job "
                    + "group by lane order by lane", ("job", job)));
        Assert.Equal(["5500 0 5499"], await _rig.ListAsync(
            "select count(distinct record_id) || ' ' || min(target_index) || ' ' || max(target_index) from bulk_targets where job_id = "
                + "@job", ("job", job)));
        await FinishAsync(tenant, job, 5_500, 4);
    }

    [Fact]
    public async Task A_small_selection_is_one_lanes_and_an_empty_one_is_completed()
    {
        var (tenant, job) = await AddAsync(300, 4);
        Assert.Equal([new LaneRef(tenant.Account, job, 0)], (await RunAsync(tenant, job, 0)).Opened!);
        Assert.Equal(["0 ready", "1 completed", "2 completed", "3 completed"], await LanesAsync(job));
        await FinishAsync(tenant, job, 300, 4);

        var nobody = await _rig.AddSelectingBulkAsync(tenant, Type, "delete", "{}", new BulkSelecting(Query: "city = 'Nowhere'"), 4);
        await FinishAsync(tenant, nobody, 0, 4);
    }

    [Fact]
    public async Task Records_that_come_after_the_freezing_are_not_touched()
    {
        var (tenant, job) = await AddAsync(100, 2);
        await RunAsync(tenant, job, 0);
        await AddContactsAsync(tenant, 50);

        await FinishAsync(tenant, job, 100, 2);

        Assert.Equal(
            ["50"], await _rig.ListAsync(
            "select count(*)::text from contacts where account_id = @account and tags = '{}'", ("account", tenant.Account)));
    }

    [Fact]
    public async Task A_freezing_that_is_killed_leaves_nothing_and_is_begun_anew()
    {
        var (tenant, job) = await AddAsync(3_000, 2);
        await using var held = await HoldTargetsAsync();
        var killed = RunAsync(tenant, job, 0);
        var pid = await _rig.WaitingAsync(1);
        await _rig.ExecuteAsync(
            "select pg_terminate_backend(@pid)", ("pid", int.Parse(pid[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(LaneEnd.Postponed, (await killed).End);
        await held.RollbackAsync(CancellationToken);
        Assert.Empty(await _rig.ListAsync("select position::text from bulk_targets where job_id = @job", ("job", job)));

        await _rig.ExpireLeasesAsync(tenant, job);
        await FinishAsync(tenant, job, 3_000, 2);
    }

    [Theory]
    [InlineData("pause", "paused")]
    [InlineData("cancel", "cancelled")]
    public async Task Control_stops_a_freezing_under_way_within_two_seconds(string control, string status)
    {
        var (tenant, job) = await AddAsync(10, 3);
        await using var held = await HoldTargetsAsync();
        var running = RunAsync(tenant, job, 0);
        await _rig.WaitingAsync(1);

        var clock = Stopwatch.GetTimestamp();
        await _rig.ExecuteAsync("update jobs set control = @control where id = @job", ("control", control), ("job", job));
        Assert.Equal(LaneEnd.Stopped, (await running).End);

        Assert.InRange(Stopwatch.GetElapsedTime(clock).TotalSeconds, 0, 2);
        Assert.Equal(new JobState(status, null, 0, default), await _rig.StateAsync(tenant, job));
        Assert.Equal(["0 stopped", "1 waiting", "2 waiting"], await LanesAsync(job));
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_hands_the_freezing_back()
    {
        var (tenant, job) = await AddAsync(10, 2);
        await using var held = await HoldTargetsAsync();
        using var stopping = new CancellationTokenSource();
        var running = _rig.Runner(_options).RunAsync(new LaneRef(tenant.Account, job, 0), stopping.Token);
        await _rig.WaitingAsync(1);

        await stopping.CancelAsync();

        Assert.Equal(LaneEnd.HandedBack, (await running).End);
        await held.RollbackAsync(CancellationToken);
        await FinishAsync(tenant, job, 10, 2);
    }

    [Fact]
    public async Task The_lease_is_renewed_while_the_statement_runs()
    {
        var options = _options with { Lease = TimeSpan.FromSeconds(1) };
        var (tenant, job) = await AddAsync(10, 2);
        await using var held = await HoldTargetsAsync();
        var running = _rig.Runner(options).RunAsync(new LaneRef(tenant.Account, job, 0), CancellationToken);
        await _rig.WaitingAsync(1);
        var first = await LeaseAsync(job);
        await Eventually.GetAsync(() => LeaseAsync(job), lease => lease > first + options.Lease);

        Assert.Equal(LaneEnd.NothingToClaim, (await RunAsync(tenant, job, 0)).End);
        await held.RollbackAsync(CancellationToken);
        Assert.Equal(LaneEnd.Prepared, (await running).End);
        await FinishAsync(tenant, job, 10, 2);
    }

    [Fact]
    public async Task A_worker_that_lost_its_lane_meanwhile_stores_nothing()
    {
        var (tenant, job) = await AddAsync(10, 2);
        await using var held = await HoldTargetsAsync();
        var late = RunAsync(tenant, job, 0);
        await _rig.WaitingAsync(1);
        await _rig.ExpireLeasesAsync(tenant, job);
        var taken = RunAsync(tenant, job, 0);
        await _rig.WaitingAsync(2);

        await held.RollbackAsync(CancellationToken);

        Assert.Equal(LaneEnd.Prepared, (await taken).End);
        // The late worker meets the other worker's targets or fence.
        Assert.Contains((await late).End, new[] { LaneEnd.Postponed, LaneEnd.Lost });
        await FinishAsync(tenant, job, 10, 2);
    }

    [Fact]
    public async Task A_selection_that_takes_too_long_fails_the_job()
    {
        var (tenant, job) = await AddAsync(10, 2);
        await using var held = await HoldTargetsAsync();

        var result = await _rig.Runner(_options with { PreparationTimeout = TimeSpan.FromMilliseconds(100) })
            .RunAsync(new LaneRef(tenant.Account, job, 0), CancellationToken);

        Assert.Equal(LaneEnd.Failed, result.End);
        Assert.StartsWith("query_too_slow: ", (await _rig.StateAsync(tenant, job)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tag", Vip, 9, "count_mismatch: Found 10 records, expected 9. Nothing was done.")]
    [InlineData(
        "update", """{"fields": {"email": "a@example.com"}}""", null,
        "not_unique: Values of email are unique, so it can be set on one record only; found 10. Nothing was done.")]
    public async Task A_frozen_number_that_will_not_do_fails_the_job_with_nothing_done(
        string operation, string parameters, int? expected, string error)
    {
        var tenant = await _rig.NewTenantAsync();
        await AddContactsAsync(tenant, 10);
        var job = await _rig.AddSelectingBulkAsync(tenant, Type, operation, parameters, Everybody with { Expected = expected }, 2);

        var result = await RunAsync(tenant, job, 0);

        Assert.Equal(LaneEnd.Failed, result.End);
        Assert.Equal(new JobState("failed", error, 0, default), await _rig.StateAsync(tenant, job));
        Assert.Empty(await _rig.ListAsync("select position::text from bulk_targets where job_id = @job", ("job", job)));
        Assert.Equal(
            ["10"], await _rig.ListAsync(
            "select count(*)::text from contacts where account_id = @account and updated_by <> @worker", ("account", tenant.Account),
            ("worker", tenant.Worker)));
    }

    [Theory]
    [InlineData("""{"field": "level", "op": "eq", "value": 7}""", null, "filter.field")]
    [InlineData(null, "level = 7", "query")]
    public async Task A_field_that_is_gone_since_fails_the_job(string? filter, string? query, string path)
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await _rig.AddSelectingBulkAsync(tenant, Type, "delete", "{}", new BulkSelecting(Filter: filter, Query: query));

        Assert.Equal(LaneEnd.Failed, (await RunAsync(tenant, job, 0)).End);

        Assert.StartsWith(
            $"The job's selection no longer fits the fields of contacts: {path}: ", (await _rig.StateAsync(tenant, job)).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_storm_of_stops_and_takeovers_leaves_each_record_touched_once()
    {
        foreach (var seed in Cases.Seeds(5))
        {
            var (tenant, job) = await AddAsync(4_500, 3);
            await new LaneStorm(_rig, tenant, job, 3, _options).RunAsync(new Random(seed));
            await FinishAsync(tenant, job, 4_500, 3);
        }
    }

    private async Task<(Tenant Tenant, Guid Job)> AddAsync(int contacts, int lanes)
    {
        var tenant = await _rig.NewTenantAsync();
        await AddContactsAsync(tenant, contacts);
        return (tenant, await _rig.AddSelectingBulkAsync(tenant, Type, "tag", Vip, Everybody, lanes));
    }

    private Task AddContactsAsync(Tenant tenant, int count) => _rig.ExecuteAsync(
        """
        insert into contacts (account_id, id, first_name, created_at, created_by, updated_at, updated_by)
        select @account, gen_random_uuid(), 'Ann', now(), @owner, now(), @owner from generate_series(1, @count)
        """,
        ("account", tenant.Account), ("owner", tenant.Owner), ("count", count));

    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, int lane) =>
        _rig.Runner(_options).RunAsync(new LaneRef(tenant.Account, job, lane), CancellationToken);

    private async Task FinishAsync(Tenant tenant, Guid job, long targets, int lanes)
    {
        await new LaneStorm(_rig, tenant, job, lanes, _options).RunAsync(null);
        Assert.Equal(new JobState("completed", null, targets, new LaneCounts(0, targets, 0, 0, 0)), await _rig.StateAsync(tenant, job));
        Assert.Equal([$"{targets}"], await _rig.ListAsync(
            "select count(distinct r.id)::text from bulk_targets t join contacts r on r.account_id = t.account_id and r.id = t.record_id "
                + "and r.tags = '{vip}' where t.job_id = @job",
            ("job", job)));
    }

    private Task<List<string>> LanesAsync(Guid job) =>
        _rig.ListAsync("select lane || ' ' || status from lanes where job_id = @job order by lane", ("job", job));

    private async Task<DateTime> LeaseAsync(Guid job) =>
        DateTime.Parse(
            (await _rig.ListAsync("select leased_until::text from lanes where job_id = @job and lane = 0", ("job", job)))[0],
            System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Makes every freezing of targets wait until a rollback.</summary>
    private async Task<HeldTargets> HoldTargetsAsync()
    {
        var connection = await _rig.Database.OpenConnectionAsync(CancellationToken);
        var transaction = await connection.BeginTransactionAsync(CancellationToken);
        await using var command = new NpgsqlCommand("lock table bulk_targets in share mode", connection);
        await command.ExecuteNonQueryAsync(CancellationToken);
        return new HeldTargets(connection, transaction);
    }

    private sealed class HeldTargets(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public Task RollbackAsync(CancellationToken cancellationToken) => transaction.RollbackAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
