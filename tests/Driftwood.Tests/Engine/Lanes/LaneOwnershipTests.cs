using System.Diagnostics.Metrics;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine.Lanes;

public sealed class LaneOwnershipTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private readonly EngineRig _rig = new(database.DataSource);
    private readonly LaneOptions _options = new() { ChunkRows = 10 };

    [Fact]
    public async Task A_fenced_off_workers_late_chunk_changes_nothing()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(30).AddAsync(_rig, tenant);
        TaskCompletionSource reading = new(), released = new();
        using var counted = new LanesLost();

        var late = _rig.RunLaneAsync(
            tenant, job, _options, (_, _) => Task.FromResult<Stream>(new LineStream(ContactFile.Of(30).Bytes(), 15, async () =>
        {
            reading.SetResult();
            await released.Task;
        })));
        await reading.Task;
        await _rig.ExpireLeasesAsync(tenant, job);
        var taken = await _rig.RunLaneAsync(tenant, job, _options);
        var before = await RowsAsync(tenant);
        released.SetResult();

        Assert.Equal(LaneEnd.Completed, taken.End);
        Assert.Equal(LaneEnd.Lost, (await late).End);
        Assert.True(counted.Count > 0, "The lost lane was not counted.");
        Assert.Equal(before, await RowsAsync(tenant));
        Assert.Equal(new JobState("completed", null, 30, new LaneCounts(30, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
    }

    [Fact]
    public async Task Two_runners_on_one_lane_have_the_effects_of_one()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(100).AddAsync(_rig, tenant);

        var results = await Task.WhenAll(_rig.RunLaneAsync(tenant, job, _options), _rig.RunLaneAsync(tenant, job, _options));

        Assert.Equal([LaneEnd.NothingToClaim, LaneEnd.Completed], results.Select(result => result.End).Order());
        Assert.Equal(new JobState("completed", null, 100, new LaneCounts(100, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
    }

    [Fact]
    public async Task Of_eight_workers_that_take_one_lane_from_each_other_the_losers_stop_silently()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(2_000).AddAsync(_rig, tenant);

        var thieves = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            List<LaneEnd> ends = [];
            for (var theft = 0; theft < 5; theft++)
            {
                await _rig.ExpireLeasesAsync(tenant, job);
                ends.Add((await _rig.RunLaneAsync(tenant, job, _options)).End);
            }

            return ends;
        }));
        await _rig.ExpireLeasesAsync(tenant, job);
        await _rig.RunLaneAsync(tenant, job, _options);

        var ends = thieves.SelectMany(end => end).ToList();
        Assert.Contains(LaneEnd.Lost, ends);
        Assert.All(ends, end => Assert.Contains(end, new[] { LaneEnd.Lost, LaneEnd.NothingToClaim, LaneEnd.Completed }));
        Assert.Equal(new JobState("completed", null, 2_000, new LaneCounts(2_000, 0, 0, 0, 0)), await _rig.StateAsync(tenant, job));
        Assert.Equal(2_000, await ContactFile.CountAsync(_rig, tenant));
    }

    [Theory]
    [InlineData(DuplicateStrategy.Skip)]
    [InlineData(DuplicateStrategy.Merge)]
    [InlineData(DuplicateStrategy.Overwrite)]
    public async Task Two_imports_of_the_same_emails_in_opposite_orders_leave_one_record_an_email(DuplicateStrategy strategy)
    {
        var tenant = await _rig.NewTenantAsync();
        var file = ContactFile.Of(300);
        var forwards = await file.AddAsync(_rig, tenant, strategy, lanes: 2);
        var backwards = await (file with { Emails = [.. file.Emails.Reverse()] }).AddAsync(_rig, tenant, strategy, lanes: 2);

        await Task.WhenAll(
            new LaneStorm(_rig, tenant, forwards, 2, _options).RunAsync(null),
            new LaneStorm(_rig, tenant, backwards, 2, _options).RunAsync(null));

        JobState[] states = [await _rig.StateAsync(tenant, forwards), await _rig.StateAsync(tenant, backwards)];
        Assert.All(
            states, state =>
            Assert.Equal(("completed", null, 300L, 0L), (state.Status, state.Error, state.Processed, state.Counts.Failed)));
        Assert.Equal(300, states.Sum(state => state.Counts.Created));
        Assert.Equal(300, states.Sum(state => state.Counts.Updated + state.Counts.Skipped));
        Assert.Equal(300, await ContactFile.CountAsync(_rig, tenant));
    }

    private Task<List<string>> RowsAsync(Tenant tenant) =>
        _rig.ListAsync(
            "select id || ' ' || xmin || ' ' || updated_at from contacts where account_id = @account order by id",
            ("account", tenant.Account));

    /// <summary>Listens to the meter. All tests of the process share the meter.</summary>
    private sealed class LanesLost : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public LanesLost()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Name: "driftwood.lanes.lost", Meter.Name: "Driftwood.Lanes" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _count, value));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
