using Driftwood.Engine.Bulk;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine.Bulk;

public sealed class BulkResultsPagingTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private readonly EngineRig _rig = new(database.DataSource);
    private readonly BulkResults _results = new(database.DataSource);

    [Fact]
    public async Task Pages_read_while_lanes_run_at_different_paces_are_the_beginning_of_the_whole_list()
    {
        var tenant = await _rig.NewTenantAsync();
        var targets = Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7()).ToArray();
        await _rig.AddRecordsAsync(tenant, RecordTypes.Contacts, [.. targets.Where((_, n) => n % 5 != 2).Select(id => new PlainRecord { Id = id, Values = { ["last_name"] = "A" } })]);
        var job = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "delete", "{}", targets, lanes: 2);
        Assert.Equal("", await ReadAsync(tenant, job, null, ResultPlace.Start));

        // Lane 0 has the even ones; of the odd ones none is dealt with, so nothing behind the first can stand where it will stay.
        await RunAsync(tenant, job, 0);
        Assert.Equal("0", await ReadAsync(tenant, job, null, ResultPlace.Start));
        Assert.Equal("", await ReadAsync(tenant, job, true, ResultPlace.Start));

        await RunAsync(tenant, job, 1);
        var first = await _results.ReadAsync(tenant.Account, job, null, ResultPlace.Start, 5, TestContext.Current.CancellationToken);
        Assert.Equal("0, 1, 2 not_found, 3, 4", Show(first));
        Assert.Equal("5, 6, 7 not_found, 8, 9, 10, 11", await ReadAsync(tenant, job, null, first.Next!));
        Assert.Equal("2 not_found, 7 not_found", await ReadAsync(tenant, job, true, ResultPlace.Start));
        Assert.Equal("0, 1, 3, 4, 5, 6, 8, 9, 10, 11", await ReadAsync(tenant, job, false, ResultPlace.Start));
    }

    [Fact]
    public async Task Results_of_a_failed_job_are_read_on_after_its_resume_without_a_gap()
    {
        var tenant = await _rig.NewTenantAsync();
        var targets = Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7()).ToArray();
        var job = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "delete", "{}", targets, lanes: 2);
        await RunAsync(tenant, job, 1);
        await SetAsync(tenant, job, "failed", "failed");
        var first = await _results.ReadAsync(tenant.Account, job, true, ResultPlace.Start, 2, TestContext.Current.CancellationToken);
        Assert.Equal("1 not_found, 3 not_found", Show(first));
        Assert.Equal("5 not_found, 7 not_found, 9 not_found, 11 not_found", await ReadAsync(tenant, job, true, first.Next!));
        var ofAll = await _results.ReadAsync(tenant.Account, job, null, ResultPlace.Start, 2, TestContext.Current.CancellationToken);
        Assert.Equal("1 not_found, 3 not_found", Show(ofAll));

        await SetAsync(tenant, job, "processing", "ready");
        Assert.Equal("", await ReadAsync(tenant, job, true, first.Next!));
        await RunAsync(tenant, job, 0);

        Assert.Equal(string.Join(", ", Enumerable.Range(0, 12).Select(n => $"{n} not_found")), await ReadAsync(tenant, job, true, first.Next!));
        var others = Enumerable.Range(0, 12).Where(n => n is not (1 or 3));
        Assert.Equal(string.Join(", ", others.Select(n => $"{n} not_found")), await ReadAsync(tenant, job, null, ofAll.Next!));
    }

    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, int lane) =>
        _rig.Runner(new LaneOptions { ChunkRows = 4 }).RunAsync(new LaneRef(tenant.Account, job, lane), TestContext.Current.CancellationToken);

    /// <summary>Lanes that are completed stay so.</summary>
    private Task SetAsync(Tenant tenant, Guid job, string status, string lanes) => _rig.ExecuteAsync(
        """
        update jobs set status = @status, completed_at = case when @status = 'failed' then now() end, error_message = case when @status = 'failed' then 'x' end where account_id = @account and id = @job;
        update lanes set status = @lanes where account_id = @account and job_id = @job and status <> 'completed';
        """,
        ("account", tenant.Account), ("job", job), ("status", status), ("lanes", lanes));

    private async Task<string> ReadAsync(Tenant tenant, Guid job, bool? failed, ResultPlace after) =>
        Show(await _results.ReadAsync(tenant.Account, job, failed, after, 100, TestContext.Current.CancellationToken));

    private static string Show(ResultPage page) => string.Join(", ", page.Items.Select(result => $"{result.Index} {result.Code}".TrimEnd()));
}
