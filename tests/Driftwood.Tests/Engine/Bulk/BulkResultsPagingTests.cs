using Driftwood.Engine;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

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
        await _rig.AddRecordsAsync(
            tenant, RecordTypes.Contacts,
            [.. targets.Where((_, n) => n % 5 != 2).Select(id => new PlainRecord { Id = id, Values = { ["last_name"] = "A" } })]);
        var job = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "delete", "{}", targets, lanes: 2);
        Assert.Equal("", await ReadAsync(tenant, job, null, BulkResults.Start));

        // Lane 0 has the even targets. No odd target is processed, so no result after the first has its final place yet.
        await RunAsync(tenant, job, 0);
        Assert.Equal("0", await ReadAsync(tenant, job, null, BulkResults.Start));
        Assert.Equal("", await ReadAsync(tenant, job, TargetOutcome.Failed, BulkResults.Start));

        await RunAsync(tenant, job, 1);
        var first = await _results.ReadAsync(tenant.Account, job, null, BulkResults.Start, 5, TestContext.Current.CancellationToken);
        Assert.Equal("0, 1, 2 not_found, 3, 4", Show(first));
        Assert.Equal("5, 6, 7 not_found, 8, 9, 10, 11", await ReadAsync(tenant, job, null, first.Next!.Value));
        Assert.Equal("2 not_found, 7 not_found", await ReadAsync(tenant, job, TargetOutcome.Failed, BulkResults.Start));
        Assert.Equal("0, 1, 3, 4, 5, 6, 8, 9, 10, 11", await ReadAsync(tenant, job, TargetOutcome.Succeeded, BulkResults.Start));
    }

    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, int lane) =>
        _rig.Runner(new LaneOptions { ChunkRows = 4 })
            .RunAsync(new LaneRef(tenant.Account, job, lane), TestContext.Current.CancellationToken);

    private async Task<string> ReadAsync(Tenant tenant, Guid job, TargetOutcome? outcome, long after) =>
        Show(await _results.ReadAsync(tenant.Account, job, outcome, after, 100, TestContext.Current.CancellationToken));

    private static string Show(ResultPage<TargetResult> page) =>
        string.Join(", ", page.Items.Select(result => $"{result.Index} {result.Code}".TrimEnd()));
}
